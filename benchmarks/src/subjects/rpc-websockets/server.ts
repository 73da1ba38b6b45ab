import type { AddressInfo } from 'node:net'
import { Server } from 'rpc-websockets'
import type { EchoServer } from '../../subject.js'

export async function serve(): Promise<EchoServer> {
  const server = new Server({ host: '127.0.0.1', port: 0 })
  server.register('echo', (params) => (params as unknown as string[])[0])
  await new Promise<void>((resolve, reject) => {
    server.on('listening', resolve)
    server.on('error', reject)
  })
  return { address: `ws://127.0.0.1:${(server.wss.address() as AddressInfo).port}` }
}
