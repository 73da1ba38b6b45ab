import { type Limits, RpcError, type TimerEntry, type Timers } from '@hawser/contract'

/** What is watched. */
export interface LivenessSubject {
  readonly handshaken: boolean
  /** Calls of either side not yet ended. */
  readonly active: number
  /** Calls of this side that wait for the other. */
  readonly awaited: number
  /** Counts every call and notification that ever began, so that use between two looks is seen. */
  readonly begun: number
  /** Bytes of a frame not yet complete. */
  readonly partialBytes: number
  /** This side does not read, or has not got rid of what it wrote: silence then says nothing. */
  readonly busy: boolean
  ping(): void
  /** Drop the connection. */
  dead(reason: RpcError): void
  /** Close the connection in peace. */
  retire(reason: RpcError): void
}

/**
 * Watches one connection with one timer entry: that the handshake is done in time, that frames once begun go on, that
 * the other side still answers, and that the connection is of use. Looks when something can be due, at least every
 * keep-alive timeout.
 */
export class Liveness implements TimerEntry {
  _at = 0
  _next: TimerEntry | undefined = undefined
  _previous: TimerEntry | undefined = undefined
  readonly #subject: LivenessSubject
  readonly #timers: Timers
  readonly #limits: Limits
  readonly #began: number
  readonly #idleMs: number
  readonly #ageMs: number
  #heard: number
  #pinged: number | undefined
  #used: number
  #begun = 0
  #frameSince: number | undefined
  #frame = 0

  constructor(subject: LivenessSubject, timers: Timers, limits: Limits) {
    const { clock } = timers
    this.#subject = subject
    this.#timers = timers
    this.#limits = limits
    this.#began = this.#heard = this.#used = clock.now()
    // A spread, so that connections made together do not end together.
    const spread = 1 + limits.idleJitter * (2 * clock.random() - 1)
    this.#idleMs = limits.idleMs * spread
    this.#ageMs = limits.connectionAgeMs > 0 ? limits.connectionAgeMs * spread : Infinity
    timers.add(this, this.#began + limits.handshakeMs)
  }

  /** Bytes came. */
  heard(now: number): void {
    this.#heard = now
    this.#pinged = undefined
  }

  /**
   * A frame is unfinished at the end of what came, or none is.
   * @param number how many frames came before it, so that one is not taken for the next
   */
  frame(unfinished: boolean, number: number): void {
    if (!unfinished) this.#frameSince = undefined
    else if (this.#frameSince === undefined || number !== this.#frame) this.#frameSince = this.#heard
    this.#frame = number
  }

  /** Reading goes on after a break: what did not come meanwhile is not missed. */
  resumed(now: number): void {
    this.heard(now)
    if (this.#frameSince !== undefined) this.#frameSince = now
  }

  /** The handshake is done: what matters from now on is due sooner or later than that was. */
  handshaken(): void {
    this.#timers.add(this, this.#heard + this.#limits.keepAliveTimeoutMs)
  }

  close(): void {
    this.#timers.remove(this)
  }

  expire(): void {
    const now = this.#timers.clock.now()
    const reason = this.#verdict(now)
    if (reason) this.#subject.dead(reason)
    else if (!this.#retire(now)) this.#timers.add(this, this.#nextLook(now))
  }

  // Why the connection has to be dropped now; undefined for no reason.
  #verdict(now: number): RpcError | undefined {
    const limits = this.#limits
    if (!this.#subject.handshaken) {
      if (now < this.#began + limits.handshakeMs) return undefined
      return lost('The handshake took too long', 'handshake_timeout', false)
    }
    // A peer that does not take what is written is the write queue's to judge.
    if (this.#subject.busy) {
      this.resumed(now)
      return undefined
    }
    if (now > this.#frameDue()) return lost('A frame was not finished in time', 'bad_frame', false)
    if (this.#pinged !== undefined) {
      if (now < this.#pinged + limits.keepAliveTimeoutMs) return undefined
      return lost('The other side no longer answers', 'silent', true)
    }
    if (now >= this.#heard + this.#patience()) {
      this.#pinged = now
      this.#subject.ping()
    }
    return undefined
  }

  // Until when the bytes that have come of an unfinished frame are enough.
  #frameDue(): number {
    if (this.#frameSince === undefined) return Infinity
    const { frameProgressMs, frameProgressRate } = this.#limits
    return this.#frameSince + frameProgressMs + (this.#subject.partialBytes / frameProgressRate) * 1_000
  }

  // With an answer outstanding, silence is suspicious sooner. Never so soon that our own kind would call it a flood.
  #patience(): number {
    const { keepAliveMs, keepAliveTimeoutMs, keepAliveFloorMs } = this.#limits
    const patience = this.#subject.awaited > 0 ? Math.min(keepAliveTimeoutMs, keepAliveMs) : keepAliveMs
    return Math.max(patience, keepAliveFloorMs)
  }

  #retire(now: number): boolean {
    const { begun, active, handshaken } = this.#subject
    if (begun !== this.#begun || active > 0) {
      this.#begun = begun
      this.#used = now
    }
    if (!handshaken) return false
    const idle = now >= this.#used + this.#idleMs
    if (!idle && now < this.#began + this.#ageMs) return false
    this.#subject.retire(
      idle
        ? lost('The connection was not in use', 'idle', true)
        : lost('The connection has reached its age', 'draining', true),
    )
    return true
  }

  #nextLook(now: number): number {
    const { handshakeMs, keepAliveTimeoutMs } = this.#limits
    let next = now + keepAliveTimeoutMs
    if (!this.#subject.handshaken) next = Math.min(next, this.#began + handshakeMs)
    if (this.#pinged !== undefined) next = Math.min(next, this.#pinged + keepAliveTimeoutMs)
    else next = Math.min(next, this.#heard + this.#patience())
    next = Math.min(next, this.#used + this.#idleMs, this.#began + this.#ageMs, this.#frameDue() + 1)
    return Math.max(next, now + 1)
  }
}

function lost(
  message: string,
  reason: 'handshake_timeout' | 'bad_frame' | 'silent' | 'idle' | 'draining',
  retryable: boolean,
): RpcError {
  return new RpcError('unavailable', message, { reason, retryable })
}
