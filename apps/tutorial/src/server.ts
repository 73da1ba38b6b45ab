import { json } from '@hawser/codec-json'
import type { MakeServer } from '@hawser/prefork'
import { jsonFrame } from '@hawser/protocol-json-frame'
import { createServer } from '@hawser/server'
import { tcp } from '@hawser/transport-tcp'

/** Makes the server, wherever the process model wants one: it is the same in all of them. */
const make: MakeServer = ({ worker }) => {
  const server = createServer({
    transports: [tcp()],
    codecs: [json()],
    // What answers a ping is called a pong.
    protocols: [jsonFrame({ names: { ping: 'pong' } })],
    onConnect: ({ info }) => console.log(`${worker}: ${info.address} comes`),
    onClose: ({ info }) => console.log(`${worker}: bye ${info.address}`),
  })
  server.rpc('/ping', (params: string) => params)
  // Who answers, to see the models at work.
  server.rpc('/who', () => process.pid)
  return server
}

export default make
