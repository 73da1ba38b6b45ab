import { connect, createServer, type Server, type Socket } from 'node:net'
import { type Clock, defaultLimits } from '@hawser/contract'
import { type Driver, DriverConnection } from '../../src/connection.js'

/** A connection over a real socket, as small as a test can do with. */
export function overSocket(socket: Socket, clock: Clock): DriverConnection {
  socket.setNoDelay(true)
  socket.pause()
  const driver: Driver = {
    get queued() {
      return socket.writableLength
    },
    write: (bytes) => void socket.write(bytes),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
  }
  const address = `tcp://${socket.remoteAddress}:${socket.remotePort}`
  const connection = new DriverConnection(driver, {
    boundaries: 'stream',
    peer: { address },
    clock,
    limits: defaultLimits,
  })
  let error: Error | undefined
  socket.on('data', (bytes) => connection.received(new Uint8Array(bytes)))
  socket.on('drain', () => connection.flushed())
  socket.on('error', (reason) => {
    error = reason
  })
  socket.on('close', () => connection.ended(error))
  return connection
}

export function dialled(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(socket)).once('error', reject)
  })
}

export function listening(accept: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer(accept)
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve({ server, port: typeof address === 'object' && address ? address.port : 0 })
    })
  })
}
