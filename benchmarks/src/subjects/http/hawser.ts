import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { http } from '@hawser/protocol-http'
import { createServer } from '@hawser/server'
import { tcp } from '@hawser/transport-tcp'
import { native } from '@hawser/wire'
import type { EchoServer } from '../../subject.js'

/** One port for both protocols, with everything as it comes. */
export async function serve(): Promise<EchoServer> {
  const server = createServer({
    transports: [tcp()],
    codecs: [msgpack(), json()],
    protocols: [native(), http()],
  })
  server.rpc('/echo', (text: string) => ({ text }))
  const { address } = await server.listen('tcp://127.0.0.1:0')
  return { address: address.replace(/^tcp/, 'http') }
}
