import type { Call, Clock, Limits, RpcError } from '@hawser/contract'

// A connection that is going away says so in peace: another one is tried at once.
const moving: readonly (string | undefined)[] = ['draining', 'closed', 'idle', 'connection_lost']

/** When a call that failed is tried again, for one destination. */
export class RetryPolicy {
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

  /**
   * Milliseconds to wait before the next attempt; undefined for none.
   * @param attempts made so far
   */
  wait(error: RpcError, attempts: number, idempotent: boolean): number | undefined {
    const unrun = error.executed === 'no' && error.retryable
    const harmless = idempotent && error.executed !== 'yes' && error.code === 'unavailable'
    if ((!unrun && !harmless) || error.reason === 'unreachable') return undefined
    if (attempts >= this.#limits.attempts) return undefined
    // Not run, and the connection is the reason: this is no retry but a redirection.
    if (unrun && moving.includes(error.reason)) return 0
    return this.#allowed() ? this.#backoff(attempts) : undefined
  }

  /**
   * The same where no connection could be made: a server may come back as long as the call has time. What is not declared
   * idempotent fails at once, and so does the question whether somebody is there, which is answered by that.
   * @param dials made so far for this call
   */
  waitForServer(error: RpcError, dials: number, call: Call): number | undefined {
    if (!call.idempotent || call.probe || !error.retryable) return undefined
    if (call.deadline === Infinity && dials >= this.#limits.attempts) return undefined
    return this.#allowed() ? this.#backoff(dials) : undefined
  }

  #backoff(attempts: number): number {
    const { backoffMs, backoffFactor, backoffMaxMs, backoffJitter } = this.#limits
    return jittered(
      Math.min(backoffMaxMs, backoffMs * backoffFactor ** (attempts - 1)),
      backoffJitter,
      this.#clock,
    )
  }

  #allowed(): boolean {
    const { retryShare, retryRate, retryWindowMs } = this.#limits
    const now = this.#clock.now()
    if (now - this.#windowStart >= retryWindowMs) {
      const skipped = now - this.#windowStart >= 2 * retryWindowMs
      this.#calls = [0, skipped ? 0 : this.#calls[0]!]
      this.#retries = [0, skipped ? 0 : this.#retries[0]!]
      this.#windowStart = now
    }
    const calls = this.#calls[0]! + this.#calls[1]!
    const retries = this.#retries[0]! + this.#retries[1]!
    if (retries >= retryShare * calls + (retryRate * retryWindowMs) / 1_000) return false
    this.#retries[0]!++
    return true
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

function jittered(milliseconds: number, jitter: number, clock: Clock): number {
  return milliseconds * (1 + jitter * (2 * clock.random() - 1))
}
