import type { Clock, Limits, RpcError } from '@hawser/contract'

// A connection that is going away says so in peace: another one is tried at once.
const moving: readonly (string | undefined)[] = ['draining', 'closed', 'idle', 'connection_lost']

/** Was the call not run because of its connection? Then to make it over another one is no retry but a redirection. */
export function redirects({ executed, retryable, reason }: RpcError): boolean {
  return executed === 'no' && retryable && moving.includes(reason)
}

/** How many of the calls of one destination may be made once more: a share of them, and so many a second besides. */
export class RetryBudget {
  readonly #clock: Clock
  readonly #limits: Limits
  // Calls and retries of this window and the one before.
  #windowStart: number
  #calls = [0, 0]
  #retries = [0, 0]

  constructor(clock: Clock, limits: Limits) {
    this.#clock = clock
    this.#limits = limits
    this.#windowStart = clock.now()
  }

  /** A call was made: what the retries are a share of. */
  counted(): void {
    this.#calls[0]!++
  }

  /** Takes a retry; false where none is left. */
  take(): boolean {
    const { retryShare, retryRate, retryWindowMs } = this.#limits
    const now = this.#clock.now()
    const passedMs = now - this.#windowStart
    if (passedMs >= retryWindowMs) {
      // Calls do not look at the clock: of all since the window began, what falls to one on average.
      this.#calls = [0, (this.#calls[0]! * retryWindowMs) / passedMs]
      this.#retries = [0, passedMs >= 2 * retryWindowMs ? 0 : this.#retries[0]!]
      this.#windowStart = now
    }
    const calls = this.#calls[0]! + this.#calls[1]!
    const retries = this.#retries[0]! + this.#retries[1]!
    if (retries >= retryShare * calls + (retryRate * retryWindowMs) / 1_000) return false
    this.#retries[0]!++
    return true
  }
}

/**
 * Milliseconds to wait before one more attempt: growing, bounded, spread.
 * @param attempts made so far
 */
export function backoff(attempts: number, clock: Clock, limits: Limits): number {
  const { backoffMs, backoffFactor, backoffMaxMs, backoffJitter } = limits
  return jittered(Math.min(backoffMaxMs, backoffMs * backoffFactor ** (attempts - 1)), backoffJitter, clock)
}

/**
 * Milliseconds to wait before one more attempt: the backoff, or what the other side asks for where that is longer. Undefined
 * where the call has no time for it; one without a deadline has `limits.retryAfterMaxMs`.
 * @param afterMs what is asked for
 */
export function waitBefore(
  deadline: number,
  afterMs: number,
  attempts: number,
  clock: Clock,
  limits: Limits,
): number | undefined {
  const waitMs = Math.max(afterMs, backoff(attempts, clock, limits))
  const enough = deadline === Infinity ? afterMs <= limits.retryAfterMaxMs : clock.now() + waitMs < deadline
  return enough ? waitMs : undefined
}

/** The milliseconds, more or less by up to the share `jitter` of them. */
export function jittered(milliseconds: number, jitter: number, clock: Clock): number {
  return milliseconds * (1 + jitter * (2 * clock.random() - 1))
}
