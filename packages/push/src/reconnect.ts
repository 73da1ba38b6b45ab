import type { Clock, RpcError } from '@hawser/contract'
import { jittered } from '@hawser/wire'
import type { ReconnectPolicy } from './pull-options.js'

// Reasons that speak of the connection or the server at the moment, not of the subscription. To subscribe is safe to repeat,
// so these are worth another try even where a call would not be.
const passing: readonly (string | undefined)[] = [
  'connection_lost',
  'silent',
  'unreachable',
  'draining',
  'idle',
  'overloaded',
  'slow_consumer',
  'handshake_timeout',
  'circuit_open',
]

/** When to subscribe again. */
export class Reconnect {
  readonly #policy: ReconnectPolicy
  readonly #clock: Clock
  #tries = 0

  /** @throws TypeError for a policy that makes no sense */
  constructor(policy: ReconnectPolicy, clock: Clock) {
    for (const name of ['firstMs', 'factor', 'maxMs', 'jitter', 'attempts'] as const) {
      const value = policy[name]
      if (value !== undefined && !(value >= 0))
        throw new TypeError(`${name} is a number from 0 up, not ${value}`)
    }
    this.#policy = policy
    this.#clock = clock
  }

  /** A message came. */
  arrived(): void {
    this.#tries = 0
  }

  /** Milliseconds to wait after a loss; undefined where another try makes no sense. */
  waitFor(error: RpcError): number | undefined {
    const {
      firstMs = 200,
      factor = 2,
      maxMs = 30_000,
      jitter = 0.2,
      attempts = Infinity,
      onLost,
    } = this.#policy
    if (!error.retryable && !(passing.includes(error.reason) && error.retryAfterMs !== Infinity))
      return undefined
    if (this.#tries >= attempts) return undefined
    const grown = Math.min(maxMs, firstMs * factor ** this.#tries++)
    const waitMs = Math.max(jittered(grown, jitter, this.#clock), error.retryAfterMs ?? 0)
    onLost?.(error, waitMs)
    return waitMs
  }
}
