import type { Clock, Limits } from '@hawser/contract'
import { backoff } from '@hawser/wire'

/**
 * The waits before dialling a server that takes connections and lets go of them at once, by a goaway or an end: without
 * them, every call would make another connection.
 */
export class Churn {
  readonly #clock: Clock
  readonly #limits: Limits
  #readyAt: number | undefined
  #endedAt = 0
  #short = 0
  #waitMs = 0

  constructor(clock: Clock, limits: Limits) {
    this.#clock = clock
    this.#limits = limits
  }

  /** A connection was made. */
  ready(): void {
    this.#readyAt = this.#clock.now()
  }

  /** It takes no more calls. */
  ended(): void {
    if (this.#readyAt === undefined) return
    const { reconnectMs, reconnectMaxMs, reconnectResetMs } = this.#limits
    this.#endedAt = this.#clock.now()
    const livedMs = this.#endedAt - this.#readyAt
    this.#readyAt = undefined
    const enoughMs = Math.min(reconnectResetMs, Math.max(reconnectMs, this.#waitMs))
    this.#short = livedMs < enoughMs ? this.#short + 1 : 0
    // Once is no habit: a server that restarts does that, and its successor is there already.
    const steps = { ...this.#limits, backoffMaxMs: reconnectMaxMs }
    this.#waitMs = this.#short < 2 ? 0 : backoff(this.#short - 1, this.#clock, steps)
  }

  /** Milliseconds from now. */
  get waitMs(): number {
    return this.#waitMs === 0 ? 0 : Math.max(0, this.#endedAt + this.#waitMs - this.#clock.now())
  }
}
