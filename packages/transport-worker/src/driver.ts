import { type Clock, type Limits, type PeerInfo, RpcError } from '@hawser/contract'
import { type Driver, DriverConnection } from '@hawser/wire'
import { Inbox, type InboxOwner } from './inbox.js'
import { isCount, readPieces } from './message.js'
import { Outbox } from './outbox.js'
import { closePort, type PortLike, watch } from './port.js'

/** What all connections of a transport share. */
export interface Surroundings {
  readonly clock: Clock
  readonly limits: Limits
  /** Bytes that an end takes in while it does not read. */
  readonly windowBytes: number
}

/** A port of its own as a driver. */
export class PortDriver implements Driver, InboxOwner {
  readonly connection: DriverConnection
  readonly #port: PortLike
  readonly #outbox: Outbox
  readonly #inbox: Inbox
  readonly #unwatch: () => void
  readonly #left: (() => void) | undefined
  #ending = false
  #endSent = false
  #inputDone = false
  #peerGone = false
  #cutShort = false
  #done = false

  /** @param left called once, when the port is done with */
  constructor(port: PortLike, peer: PeerInfo, around: Surroundings, left?: () => void) {
    const { clock, limits, windowBytes } = around
    this.#port = port
    this.#left = left
    this.#outbox = new Outbox(port)
    this.#inbox = new Inbox(this, windowBytes)
    this.connection = new DriverConnection(this, { boundaries: 'message', peer, clock, limits })
    this.#unwatch = watch(port, {
      message: (value) => this.#message(value),
      unreadable: () => this.#break(badFrame('A message that cannot be read')),
      gone: () => this.#gone(),
    })
  }

  get queued(): number {
    return this.#outbox.queued
  }

  write(bytes: Uint8Array): void {
    if (this.#ending || this.#done) return
    if (this.#peerGone) {
      // Not inside the send: its caller has not been told yet that the bytes were taken.
      queueMicrotask(() => this.#break(lost()))
      return
    }
    this.#sending(() => this.#outbox.write(bytes))
  }

  end(): void {
    this.#ending = true
    this.#endWhenSent()
  }

  destroy(): void {
    if (this.#done) return
    this.#outbox.drop()
    this.#outbox.say('abort')
    this.#close()
  }

  pause(): void {
    this.#inbox.pause()
  }

  resume(): void {
    if (!this.#done) this.#inbox.resume()
  }

  deliver(bytes: Uint8Array): void {
    this.connection.received(bytes)
  }

  grant(bytes: number): void {
    this.#outbox.say(bytes)
  }

  inputEnded(): void {
    this.#inputDone = true
    if (this.#peerGone) {
      this.#close()
      this.connection.ended(this.#cutShort ? lost() : undefined)
    } else this.end()
  }

  #message(value: unknown): void {
    if (this.#done) return
    if (isCount(value)) {
      this.#sending(() => this.#outbox.grant(value))
      this.connection.flushed()
      if (this.#ending) this.#endWhenSent()
      return
    }
    if (value === 'abort') this.#gone()
    else if (value === 'end' && !this.#inbox.ended) this.#inbox.arriveEnd()
    else {
      const pieces = readPieces(value)
      if (!pieces) this.#break(badFrame('A message of no known shape'))
      else if (!this.#inbox.arrive(pieces)) this.#break(badFrame('A message that was not granted'))
    }
  }

  // Too little memory for a copy costs the connection.
  #sending(send: () => void): void {
    try {
      send()
    } catch (cause) {
      this.#break(RpcError.from(cause, 'internal', { reason: 'internal' }))
    }
  }

  #endWhenSent(): void {
    if (this.#done || this.#outbox.queued > 0) return
    if (!this.#endSent) {
      this.#endSent = true
      this.#outbox.say('end')
    }
    if (!this.#inputDone) return
    this.#close()
    this.connection.ended()
  }

  // What came before a clean end is still delivered, however late it is read.
  #gone(): void {
    if (this.#done || this.#peerGone) return
    if (!this.#inbox.ended) {
      this.#break(lost())
      return
    }
    this.#peerGone = true
    this.#cutShort = this.#outbox.queued > 0
    this.#outbox.drop()
    this.connection.flushed()
  }

  #break(error: RpcError): void {
    if (this.#done) return
    this.#outbox.drop()
    if (error.reason !== 'connection_lost') this.#outbox.say('abort')
    this.#close()
    this.connection.ended(error)
  }

  #close(): void {
    this.#done = true
    this.#inbox.drop()
    this.#unwatch()
    closePort(this.#port)
    this.#left?.()
  }
}

function badFrame(message: string): RpcError {
  return new RpcError('invalid_argument', message, { reason: 'bad_frame', executed: 'maybe' })
}

function lost(): RpcError {
  return new RpcError('unavailable', 'The other thread has dropped the connection, or ended', {
    reason: 'connection_lost',
    retryable: true,
  })
}
