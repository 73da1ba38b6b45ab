import { type Limits, RpcError } from '@hawser/contract'
import { TokenBucket } from './bucket.js'

/** What a peer may repeat before only abuse explains it. Each method throws the RpcError that ends the connection. */
export class Conduct {
  readonly #limits: Limits
  #cancels: TokenBucket | undefined
  #pingAt = -Infinity
  #strikes = 0
  #strays = 0

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** A cancel came for a call that goes on. */
  cancelled(now: number): void {
    const { cancelBurst, cancelRate } = this.#limits
    this.#cancels ??= new TokenBucket(cancelBurst, cancelRate, now)
    if (!this.#cancels.take(now)) throw abuse('Too many cancels')
  }

  /** A ping came. */
  pinged(now: number): void {
    const early = now - this.#pingAt < this.#limits.keepAliveFloorMs
    this.#pingAt = now
    this.#strikes = early ? this.#strikes + 1 : 0
    if (this.#strikes > this.#limits.pingStrikes) throw abuse('Too many pings')
  }

  /** A frame came for a call that does not exist. */
  strayed(): void {
    if (++this.#strays > this.#limits.strayFrames) throw abuse('Too many frames for calls that do not exist')
  }

  /** Input was not read for a while: what was spread over that time comes at once, and is no flood. */
  forgive(): void {
    this.#cancels = undefined
    this.#pingAt = -Infinity
  }
}

function abuse(message: string): RpcError {
  return new RpcError('resource_exhausted', message, { reason: 'abuse' })
}
