import { type Limits, RpcError, type TimerEntry, type Timers } from '@hawser/contract'

/** What is watched. */
export interface Watched {
  /** Calls not yet ended. */
  readonly active: number
  /** Bytes of a message not yet complete. */
  readonly partialBytes: number
  /** This side does not read at the moment: silence then says nothing. */
  readonly paused: boolean
  /** Drop the connection. */
  overdue(reason: RpcError): void
  /** Close the connection in peace. */
  retire(reason: RpcError): void
}

/**
 * Watches one connection that has no pings with one timer entry: that its first message comes in time, that messages once
 * begun go on, and that it is of use.
 */
export class Watch implements TimerEntry {
  _at = 0
  _next: TimerEntry | undefined = undefined
  _previous: TimerEntry | undefined = undefined
  readonly #watched: Watched
  readonly #timers: Timers
  readonly #limits: Limits
  readonly #began: number
  readonly #idleMs: number
  readonly #ageMs: number
  #known = false
  #used: number
  #since: number | undefined

  /** @param known has the other side nothing to prove? */
  constructor(watched: Watched, timers: Timers, limits: Limits, known: boolean) {
    const { clock } = timers
    this.#watched = watched
    this.#timers = timers
    this.#limits = limits
    this.#known = known
    this.#began = this.#used = clock.now()
    // A spread, so that connections made together do not end together.
    const spread = 1 + limits.idleJitter * (2 * clock.random() - 1)
    this.#idleMs = limits.idleMs * spread
    this.#ageMs = limits.connectionAgeMs > 0 ? limits.connectionAgeMs * spread : Infinity
    this.#arm(this.#began)
  }

  /** A whole message came, or a call was made. */
  used(now: number): void {
    this.#known = true
    this.#used = now
    this.#since = undefined
  }

  /** A whole message came that is no use by itself. */
  answered(): void {
    this.#since = undefined
  }

  /** What came has been taken: is a message begun, and not complete? */
  took(now: number, unfinished: boolean): void {
    if (!unfinished) {
      this.#since = undefined
      return
    }
    if (this.#since !== undefined) return
    this.#since = now
    // Earlier than the next look, as a rule.
    this.#arm(now)
  }

  /** Reading goes on: what did not come meanwhile is not missed. */
  resumed(now: number): void {
    if (this.#since !== undefined) this.#since = now
  }

  close(): void {
    this.#timers.remove(this)
  }

  expire(): void {
    const now = this.#timers.clock.now()
    const { active, paused } = this.#watched
    if (active > 0 || paused) this.#used = now
    if (paused) this.resumed(now)
    if (!this.#known && now >= this.#firstDue())
      this.#watched.overdue(late('No message came in time', 'handshake_timeout'))
    else if (now > this.#due()) this.#watched.overdue(late('A message was not finished in time', 'bad_frame'))
    else if (this.#known && now >= this.#used + this.#idleMs)
      this.#watched.retire(over('The connection was not in use', 'idle'))
    else if (this.#known && now >= this.#began + this.#ageMs)
      this.#watched.retire(over('The connection has reached its age', 'draining'))
    else this.#arm(now)
  }

  // Until when the bytes that have come of an unfinished message are enough.
  #due(): number {
    return this.#since === undefined
      ? Infinity
      : this.#since + this.#limits.frameProgressMs + this.#earnedMs()
  }

  // The first message has less time to begin with, and gets more by growing, too.
  #firstDue(): number {
    return this.#began + this.#limits.handshakeMs + this.#earnedMs()
  }

  #earnedMs(): number {
    return (this.#watched.partialBytes / this.#limits.frameProgressRate) * 1_000
  }

  #arm(now: number): void {
    let next = Math.min(this.#used + this.#idleMs, this.#began + this.#ageMs, this.#due() + 1)
    if (!this.#known) next = Math.min(next, this.#firstDue())
    this.#timers.add(this, Math.max(next, now + 1))
  }
}

function late(message: string, reason: 'handshake_timeout' | 'bad_frame'): RpcError {
  return new RpcError('unavailable', message, { reason, retryable: false })
}

function over(message: string, reason: 'idle' | 'draining'): RpcError {
  return new RpcError('unavailable', message, { reason, retryable: true })
}
