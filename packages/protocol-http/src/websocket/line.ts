import type { Duplex } from 'node:stream'
import type { PeerInfo, ProtocolContext, RpcError } from '@hawser/contract'
import { type Driver, DriverConnection } from '@hawser/wire'
import { ended, type Farewell } from './close-code.js'

/** What a subscriber's line tells of the other end. */
export interface LineOwner {
  /** It said something, though there is nothing to say. */
  spoke(): void
  /** It answered a ping, or sent one. */
  alive(pinged: boolean): void
  /** It broke the rules of its frames. */
  broke(error: RpcError): void
}

/**
 * The socket of one subscriber, after its handshake. What is written are frames; the connection of `wire` in front of it minds
 * what is queued, and for how long.
 */
export abstract class Line implements Driver {
  readonly connection: DriverConnection
  protected readonly socket: Duplex
  protected readonly owner: LineOwner
  protected farewell: Farewell = ended
  // 'drain' comes only after a write past the socket's own mark; a soft limit below it has to be watched write by write.
  readonly #written: (() => void) | undefined

  constructor(socket: Duplex, owner: LineOwner, peer: PeerInfo, { clock, limits }: ProtocolContext) {
    this.socket = socket
    this.owner = owner
    this.connection = new DriverConnection(this, { boundaries: 'message', peer, clock, limits })
    const flushed = () => this.connection.flushed()
    this.#written = limits.writeSoftBytes < socket.writableHighWaterMark ? flushed : undefined
    socket.on('drain', flushed)
    socket.on('error', () => {})
  }

  get queued(): number {
    return this.socket.writableLength
  }

  write(bytes: Uint8Array): void {
    if (this.#written) this.socket.write(bytes, this.#written)
    else this.socket.write(bytes)
  }

  /** Says why, and closes. */
  close(farewell: Farewell): void {
    this.farewell = farewell
    void this.connection.close()
  }

  /** Can it be asked whether the other end is alive? */
  abstract readonly pings: boolean
  abstract ping(): void
  abstract end(): void
  abstract destroy(): void
  abstract pause(): void
  abstract resume(): void
}
