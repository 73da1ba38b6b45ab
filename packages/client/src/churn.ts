import type { Clock, Limits, RpcError } from '@hawser/contract'
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
  #reason: RpcError | undefined

  constructor(clock: Clock, limits: Limits) {
    this.#clock = clock
    this.#limits = limits
  }

  /** A connection was made. */
  ready(): void {
    this.#readyAt = this.#clock.now()
  }

  /** It takes no more calls. */
  ended(reason?: RpcError): void {
    if (this.#readyAt === undefined) return
    // Who is refused after having been let in, say with a new credential, has not been refused again and again.
    if (isRefusal(reason) && !isRefusal(this.#reason)) this.#short = 0
    this.#reason = reason
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

  /** Why it makes no sense to wait, if it does not: what the last connection ended for will not be otherwise with the next. */
  get refusal(): RpcError | undefined {
    const reason = this.#reason
    if (!reason || !isRefusal(reason) || this.waitMs === 0) return undefined
    return reason.with({ executed: 'no', retryable: false })
  }

  /** Milliseconds from now. */
  get waitMs(): number {
    return this.#waitMs === 0 ? 0 : Math.max(0, this.#endedAt + this.#waitMs - this.#clock.now())
  }
}

const refusals: readonly (string | undefined)[] = ['unauthenticated', 'denied', 'unsupported']

// What the handshake ends for, and would end for again; what one call did says nothing of the next connection.
function isRefusal(reason: RpcError | undefined): boolean {
  return reason?.retryable === false && refusals.includes(reason.reason)
}
