// Several protocols at each address.
import { json } from '@hawser/codec-json'
import { http } from '@hawser/protocol-http'
import { jsonFrame } from '@hawser/protocol-json-frame'
import { createServer } from '@hawser/server'
import { ipc } from '@hawser/transport-ipc'
import { tcp } from '@hawser/transport-tcp'
import { native } from '@hawser/wire'

export const protocols = () => [native(), jsonFrame({ names: { ping: 'pong' } }), http()]

export default () => {
  const tls = process.env.TEST_TLS ? { server: JSON.parse(process.env.TEST_TLS) } : undefined
  const transports = [tcp(tls ? { tls } : {}), ipc()]
  const server = createServer({ transports, codecs: [json()], log: () => {} })
  server.rpc('/ping', (text) => text)
  server.rpc('/peers', () => server.connections.map(({ info: { address, tls } }) => ({ address, tls })))
  return server
}
