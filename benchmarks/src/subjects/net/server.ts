import { createServer } from 'node:net'
import { listenLoopback } from '../../loopback.js'
import type { EchoServer } from '../../subject.js'

/** What a connection costs before anybody adds anything. */
export async function serve(): Promise<EchoServer> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('data', () => {})
    socket.on('error', () => socket.destroy())
  })
  return { address: String(await listenLoopback(server)) }
}
