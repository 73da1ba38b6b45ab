/** Lets `burst` events through at once and `perSecond` after that. Time is given, so it needs no clock. */
export class TokenBucket {
  readonly #burst: number
  readonly #perMs: number
  #tokens: number
  #at: number

  constructor(burst: number, perSecond: number, now: number) {
    this.#burst = burst
    this.#perMs = perSecond / 1_000
    this.#tokens = burst
    this.#at = now
  }

  /** Takes a token; false when there is none. */
  take(now: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + Math.max(0, now - this.#at) * this.#perMs)
    this.#at = now
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  /** Milliseconds until a token will be there; 0 when one is, Infinity when none ever will be. */
  wait(): number {
    if (this.#tokens >= 1) return 0
    return this.#burst < 1 ? Infinity : (1 - this.#tokens) / this.#perMs
  }
}
