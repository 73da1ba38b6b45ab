import { msgpack } from '@hawser/codec-msgpack'
import { createServer, type Server } from '@hawser/server'
import { tcp } from '@hawser/transport-tcp'

/** What all models serve: a call that is over at once, and one that computes. */
export default function make(): Server {
  const server = createServer({ transports: [tcp()], codecs: [msgpack()], development: false })
  server.rpc('/short', (text: string) => text)
  server.rpc('/compute', (milliseconds: number) => {
    const until = performance.now() + milliseconds
    while (performance.now() < until);
  })
  return server
}
