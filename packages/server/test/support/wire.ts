import { once } from 'node:events'
import { createServer, connect as netConnect, type Socket } from 'node:net'

const immediate = () => new Promise((resolve) => setImmediate(resolve))
const drippedBytes = 40

/** A way to a port by which the first bytes of every connection come one at a time. */
export async function dripping(port: number): Promise<{ readonly port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>()
  const kept = (socket: Socket): Socket => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    return socket
  }
  const server = createServer(async (near) => {
    kept(near)
    const far = kept(netConnect(port, '127.0.0.1'))
    far.pipe(near)
    near.on('close', () => far.destroy())
    let left = drippedBytes
    for await (const chunk of near as AsyncIterable<Uint8Array>) {
      const count = Math.min(left, chunk.length)
      for (const byte of chunk.subarray(0, count)) {
        far.write(Uint8Array.of(byte))
        await immediate()
      }
      left -= count
      if (chunk.length > count) far.write(chunk.subarray(count))
    }
    far.end()
  })
  server.on('connection', (socket) => socket.on('error', () => {}))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A plain socket, and what it hears until the other side hangs up. */
export class Ear {
  readonly socket: Socket
  heard = ''
  readonly closed: Promise<unknown>

  constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      this.heard += bytes.toString('latin1')
    })
    this.closed = new Promise((resolve) => socket.on('close', resolve))
  }

  static async to(port: number, allowHalfOpen = false): Promise<Ear> {
    const socket = netConnect({ port, host: '127.0.0.1', allowHalfOpen })
    await once(socket, 'connect')
    return new Ear(socket)
  }

  /** Says something, at once or byte by byte. */
  async say(text: string, dripped = false): Promise<this> {
    const bytes = Buffer.from(text, 'latin1')
    const pieces = dripped ? Array.from(bytes, (byte) => Uint8Array.of(byte)) : [bytes]
    for (const piece of pieces) {
      if (this.socket.destroyed) break
      this.socket.write(piece)
      await immediate()
    }
    return this
  }
}
