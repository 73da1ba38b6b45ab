import type { Call, Clock, Limits, RpcError } from '@hawser/contract'
import { jittered, RetryBudget, redirects, waitBefore } from '@hawser/wire'

type Retried = Pick<Call, 'idempotent' | 'deadline'>

/** When a call that failed is tried again, for one destination. */
export class RetryPolicy {
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #budget: RetryBudget
  readonly #retries: boolean

  /** @param retries false: nothing but redirections */
  constructor(clock: Clock, limits: Limits, retries: boolean = true) {
    this.#clock = clock
    this.#limits = limits
    this.#retries = retries
    this.#budget = new RetryBudget(clock, limits)
  }

  /** A call was made: what the retries are a share of. */
  counted(): void {
    this.#budget.counted()
  }

  /**
   * Milliseconds to wait before the next attempt; undefined for none.
   * @param attempts made so far
   */
  wait(error: RpcError, attempts: number, { idempotent, deadline }: Retried): number | undefined {
    const { executed, retryable, retryAfterMs } = error
    const unrun = executed === 'no' && retryable
    const asksForIt = retryable && retryAfterMs !== undefined
    const harmless = idempotent && (asksForIt || (executed !== 'yes' && error.code === 'unavailable'))
    if ((!unrun && !harmless) || error.reason === 'unreachable') return undefined
    if (attempts >= this.#limits.attempts) return undefined
    if (retryAfterMs === undefined && redirects(error)) return 0
    return this.#budgeted(attempts, deadline, retryAfterMs)
  }

  /**
   * The same where no connection could be made: a server may come back as long as the call has time. What is not declared
   * idempotent fails at once, and so does the question whether somebody is there, which is answered by that.
   * @param dials made so far for this call
   */
  waitForServer(error: RpcError, dials: number, call: Call): number | undefined {
    if (!call.idempotent || call.probe || !error.retryable) return undefined
    if (call.deadline === Infinity && dials >= this.#limits.attempts) return undefined
    return this.#budgeted(dials, call.deadline)
  }

  #budgeted(attempts: number, deadline: number, afterMs: number = 0): number | undefined {
    if (!this.#retries) return undefined
    const waitMs = waitBefore(deadline, afterMs, attempts, this.#clock, this.#limits)
    // The budget is asked last: what is not made costs it nothing.
    return waitMs !== undefined && this.#budget.take() ? waitMs : undefined
  }
}

/** The waits between attempts to reconnect: growing, bounded, spread. */
export class ReconnectWaits {
  readonly #clock: Clock
  readonly #limits: Limits
  #failures = 0
  #lastMs = 0
  #readyAt: number | undefined

  constructor(clock: Clock, limits: Limits) {
    this.#clock = clock
    this.#limits = limits
  }

  /** A connection was made. */
  ready(): void {
    this.#readyAt = this.#clock.now()
  }

  /** Milliseconds to wait before the next attempt. */
  next(): number {
    const { reconnectMs, reconnectMaxMs, reconnectResetMs, backoffFactor, backoffJitter } = this.#limits
    // A connection that was worth its wait begins them anew: waits are for servers that are not there, and not for those
    // that are there most of the time.
    const enoughMs = Math.min(reconnectResetMs, 2 * this.#lastMs)
    if (this.#readyAt !== undefined && this.#clock.now() - this.#readyAt >= enoughMs) this.#failures = 0
    this.#readyAt = undefined
    const failures = this.#failures++
    // Those who lost the same server come back spread out.
    this.#lastMs =
      failures === 0
        ? this.#clock.random() * reconnectMs
        : jittered(
            Math.min(reconnectMaxMs, reconnectMs * backoffFactor ** (failures - 1)),
            backoffJitter,
            this.#clock,
          )
    return this.#lastMs
  }
}
