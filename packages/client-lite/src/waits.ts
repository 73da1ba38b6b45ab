import type { Clock, Limits, RpcError } from '@hawser/contract'
import { jittered } from '@hawser/wire'

/** When the next connection may be made: later and later after those that could not be made, or did not last. */
export class Waits {
  readonly #clock: Clock
  readonly #limits: Limits
  #readyAt: number | undefined
  #failures = 0
  #lastMs = 0
  #until = 0
  #reason: RpcError | undefined

  constructor(clock: Clock, limits: Limits) {
    this.#clock = clock
    this.#limits = limits
  }

  /** A connection was made. */
  ready(): void {
    this.#readyAt = this.#clock.now()
  }

  /** It takes no more calls; or none could be made. */
  ended(reason: RpcError | undefined): void {
    const { reconnectMs, reconnectMaxMs, reconnectResetMs, backoffFactor, backoffJitter } = this.#limits
    const clock = this.#clock
    const now = clock.now()
    // A connection that was worth its wait begins them anew; and who is refused after having been let in, say with a new
    // credential, has not been refused again and again.
    const enoughMs = Math.min(reconnectResetMs, Math.max(reconnectMs, 2 * this.#lastMs))
    const worth = this.#readyAt !== undefined && now - this.#readyAt >= enoughMs
    if (worth || (isRefusal(reason) && !isRefusal(this.#reason))) this.#failures = 0
    this.#readyAt = undefined
    this.#reason = reason
    // Those who lost the same server come back spread out.
    this.#lastMs =
      this.#failures === 0
        ? clock.random() * reconnectMs
        : jittered(
            Math.min(reconnectMaxMs, reconnectMs * backoffFactor ** (this.#failures - 1)),
            backoffJitter,
            clock,
          )
    this.#failures++
    this.#until = now + this.#lastMs
  }

  /** Milliseconds before a connection is made without being asked for. */
  get waitMs(): number {
    return Math.max(0, this.#until - this.#clock.now())
  }

  /** Before one is made that a call asks for. Once is no habit: a server that restarts does that, and is there already. */
  get demandMs(): number {
    return this.#failures < 2 ? 0 : this.waitMs
  }

  /** Why it makes no sense to wait: what the last connection ended for will not be otherwise with the next. */
  get refusal(): RpcError | undefined {
    return isRefusal(this.#reason) && this.demandMs > 0
      ? this.#reason.with({ executed: 'no', retryable: false })
      : undefined
  }
}

function isRefusal(reason: RpcError | undefined): reason is RpcError {
  return reason?.retryable === false
}
