import { type Clock, type Connection, type Limits, type Reason, RpcError } from '@hawser/contract'
import type { CallTable } from './call-table.js'
import type { Link } from './link.js'
import type { Reader } from './reader.js'

/** What is watched. */
export interface LivenessSubject {
  readonly connection: Connection
  readonly link: Link
  readonly calls: CallTable
  readonly reader: Reader
  ping(): void
  /** Drop the connection. */
  dead(reason: RpcError): void
}

/**
 * Watches one connection with one timer: that the handshake is done in time, that frames once begun go on, and that the other
 * side still answers. Looks when something can be due, at least every keep-alive timeout.
 */
export class Liveness {
  readonly #subject: LivenessSubject
  readonly #clock: Clock
  readonly #limits: Limits
  #heard: number
  #pinged: number | undefined
  #frameSince: number | undefined
  #frame = 0
  #timer: unknown

  constructor(subject: LivenessSubject, clock: Clock, limits: Limits) {
    this.#subject = subject
    this.#clock = clock
    this.#limits = limits
    this.#heard = clock.now()
    this.#timer = clock.timer(limits.handshakeMs, () => this.#look())
  }

  /** Bytes came. */
  heard(): void {
    this.#heard = this.#clock.now()
    this.#pinged = undefined
  }

  /** They are read; a frame may be unfinished. */
  read(): void {
    const { splitter, frames } = this.#subject.reader
    if (!splitter.unfinished) this.#frameSince = undefined
    else if (this.#frameSince === undefined || frames !== this.#frame) this.#frameSince = this.#heard
    this.#frame = frames
  }

  /** What matters from now on is due sooner or later than the handshake was. */
  handshaken(): void {
    this.close()
    this.#timer = this.#clock.timer(this.#limits.keepAliveTimeoutMs, () => this.#look())
  }

  close(): void {
    this.#clock.clear(this.#timer)
  }

  #look(): void {
    const { link, calls, connection, reader } = this.#subject
    const { keepAliveMs, keepAliveTimeoutMs, keepAliveFloorMs, frameProgressMs, frameProgressRate } =
      this.#limits
    const now = this.#clock.now()
    if (!link.greeted) {
      this.#dead('The handshake took too long', 'handshake_timeout', false)
      return
    }
    // What this side has not got rid of is the write queue's to judge: silence says nothing then.
    if (connection.queued > 0) {
      this.heard()
      if (this.#frameSince !== undefined) this.#frameSince = now
    }
    const frameDue =
      this.#frameSince === undefined
        ? Infinity
        : this.#frameSince + frameProgressMs + (reader.splitter.partialBytes / frameProgressRate) * 1_000
    if (now > frameDue) {
      this.#dead('A frame was not finished in time', 'bad_frame', false)
      return
    }
    // With an answer outstanding, silence is suspicious sooner.
    const patience = Math.max(
      calls.sent > 0 ? Math.min(keepAliveTimeoutMs, keepAliveMs) : keepAliveMs,
      keepAliveFloorMs,
    )
    let next = this.#heard + patience
    if (this.#pinged !== undefined) next = this.#pinged + keepAliveTimeoutMs
    if (now >= next) {
      if (this.#pinged !== undefined) {
        this.#dead('The other side no longer answers', 'silent', true)
        return
      }
      this.#pinged = now
      this.#subject.ping()
      next = now + keepAliveTimeoutMs
    }
    next = Math.min(next, now + keepAliveTimeoutMs, frameDue + 1)
    this.#timer = this.#clock.timer(Math.max(1, next - now), () => this.#look())
  }

  #dead(message: string, reason: Reason, retryable: boolean): void {
    this.#subject.dead(new RpcError('unavailable', message, { reason, retryable }))
  }
}
