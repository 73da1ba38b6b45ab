import { Server } from 'node:net'
import { ServiceBroker } from 'moleculer'

// The transporter has no option for the address to bind, and would be reachable from outside.
const listen = Server.prototype.listen
Server.prototype.listen = function (this: Server, options: { port: number }, ...rest: unknown[]): Server {
  return Reflect.apply(listen, this, [{ ...options, host: '127.0.0.1' }, ...rest]) as Server
} as typeof listen

/** @param urls the addresses of both nodes, by their ids */
export function createNode(nodeID: string, urls: Record<string, string>): ServiceBroker {
  return new ServiceBroker({
    nodeID,
    logger: false,
    transporter: { type: 'TCP', options: { udpDiscovery: false, useHostname: false, urls } },
  })
}
