import { createServer } from 'node:http'
import { newWebSocketRpcSession, RpcTarget } from 'capnweb'
import { WebSocketServer } from 'ws'
import { listenLoopback } from '../../loopback.js'
import type { EchoServer } from '../../subject.js'
import { asWebSocket } from './websocket.js'

/** The server's main object. */
export class Echo extends RpcTarget {
  echo(text: string): string {
    return text
  }
}

export async function serve(): Promise<EchoServer> {
  const server = createServer()
  new WebSocketServer({ server }).on('connection', (socket) => {
    newWebSocketRpcSession(asWebSocket(socket), new Echo())
  })
  return { address: `ws://127.0.0.1:${await listenLoopback(server)}` }
}
