import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import * as library from 'ws'
import { WebSocket, WebSocketServer } from 'ws'
import { listenLoopback } from '../../loopback.js'
import type { Publisher } from './server.js'

/** The loop one would write: the message is encoded once. With `frame` in the variant, its frame is made once, too. */
export async function publisher(variant: string): Promise<Publisher> {
  const server = createServer()
  const sockets = new WebSocketServer({ server })
  const raw = new Set<Socket>()
  sockets.on('connection', (_, { socket }) => void raw.add(socket))
  const publish = (message: string) => {
    const bytes = Buffer.from(JSON.stringify(message))
    for (const client of sockets.clients)
      if (client.readyState === WebSocket.OPEN) client.send(bytes, { binary: false })
  }
  const publishFrame = (message: string) => {
    const frame = Buffer.concat(frameOf(Buffer.from(JSON.stringify(message))))
    for (const socket of raw) socket.write(frame)
  }
  return {
    addresses: { tcp: `127.0.0.1:${await listenLoopback(server)}` },
    get subscribers() {
      return sockets.clients.size
    },
    publish: variant.includes('frame') ? publishFrame : publish,
  }
}

// Its types leave it out.
const { Sender } = library as unknown as {
  readonly Sender: { frame(bytes: Buffer, options: Record<string, unknown>): Buffer[] }
}

function frameOf(bytes: Buffer): Buffer[] {
  return Sender.frame(bytes, { fin: true, opcode: 1, mask: false, readOnly: true, rsv1: false })
}
