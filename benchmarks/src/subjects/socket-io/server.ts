import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { listenLoopback } from '../../loopback.js'
import type { EchoServer } from '../../subject.js'

export async function serve(): Promise<EchoServer> {
  const server = createServer()
  const io = new Server(server)
  io.on('connection', (socket) => {
    socket.on('echo', (text: string, reply: (text: string) => void) => reply(text))
  })
  return { address: `http://127.0.0.1:${await listenLoopback(server)}` }
}
