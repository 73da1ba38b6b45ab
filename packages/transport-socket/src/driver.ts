import type { Socket } from 'node:net'
import type { Clock, Limits, PeerInfo } from '@hawser/contract'
import { type Driver, DriverConnection } from '@hawser/wire'

/** Told when an accepted socket is gone. */
export interface SocketOwner {
  left(connection: DriverConnection): void
}

/** What all connections of a transport share. */
export interface Surroundings {
  readonly clock: Clock
  readonly limits: Limits
}

// Handlers are shared functions that find their driver on the socket: a closure each would cost an idle connection more
// than the driver itself.
const driverOf = Symbol('driver')

interface DrivenSocket extends Socket {
  [driverOf]: SocketDriver
}

function onData(this: DrivenSocket, bytes: Uint8Array): void {
  this[driverOf].connection.received(bytes)
}

function onDrain(this: DrivenSocket): void {
  this[driverOf].connection.flushed()
}

function onError(this: DrivenSocket, error: Error): void {
  this[driverOf].connection.ended(error)
}

function onClose(this: DrivenSocket): void {
  const { connection, owner } = this[driverOf]
  connection.ended()
  owner?.left(connection)
}

/** A socket as a driver. */
class SocketDriver implements Driver {
  readonly connection: DriverConnection
  readonly owner: SocketOwner | undefined
  readonly #socket: Socket
  // 'drain' comes only after a write past the socket's own mark; a soft limit below it has to be watched write by write.
  readonly #watchWrites: boolean

  constructor(socket: Socket, peer: PeerInfo, around: Surroundings, owner: SocketOwner | undefined) {
    this.#socket = socket
    this.owner = owner
    this.#watchWrites = around.limits.writeSoftBytes < socket.writableHighWaterMark
    this.connection = new DriverConnection(this, {
      boundaries: 'stream',
      peer,
      clock: around.clock,
      limits: around.limits,
    })
  }

  get queued(): number {
    return this.#socket.writableLength
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    if (this.#watchWrites) this.#socket.write(bytes, () => this.connection.flushed())
    else this.#socket.write(bytes)
  }

  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  detach(unread: Uint8Array | undefined): Socket {
    const socket = this.#socket
    socket.pause()
    socket.off('data', onData)
    socket.off('drain', onDrain)
    // Whoever gets the socket may make it a connection again, which would then be told of the end in this one's place.
    socket.off('error', onError)
    socket.off('close', onClose)
    socket.on('error', (error) => this.connection.ended(error))
    socket.on('close', () => {
      this.connection.ended()
      this.owner?.left(this.connection)
    })
    if (unread) socket.unshift(unread)
    return socket
  }
}

/** Makes a connected socket a connection. Nothing is read until it is started. */
export function connectionOver(
  socket: Socket,
  peer: PeerInfo,
  around: Surroundings,
  owner?: SocketOwner,
): DriverConnection {
  socket.pause()
  const driver = new SocketDriver(socket, peer, around, owner)
  const driven = socket as DrivenSocket
  driven[driverOf] = driver
  driven.on('data', onData)
  driven.on('drain', onDrain)
  driven.on('error', onError)
  driven.on('close', onClose)
  return driver.connection
}
