import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { listenLoopback } from '../../loopback.js'
import type { Publisher } from './server.js'

const room = 'everybody'

export async function publisher(): Promise<Publisher> {
  const server = createServer()
  // Subscribers answer no pings.
  const io = new Server(server, { pingInterval: 600_000 })
  io.on('connection', (socket) => void socket.join(room))
  return {
    addresses: { tcp: `127.0.0.1:${await listenLoopback(server)}` },
    get subscribers() {
      return io.of('/').adapter.rooms.get(room)?.size ?? 0
    },
    publish: (message) => void io.to(room).emit('message', message),
  }
}
