/** A moving average of latencies that believes a peak at once, and forgets it over time. */
export class PeakEwma {
  readonly #decayMs: number
  #valueMs = 0
  #at = 0
  // What it had faded to when it was last asked: all calls of a turn ask for the same time.
  #askedAt = 0
  #fadedMs = 0

  /** @param decayMs in which all but a third of a peak is forgotten */
  constructor(decayMs: number) {
    this.#decayMs = decayMs
  }

  /** Milliseconds; 0 while nothing is known. What is not asked is forgotten as well, and so is asked again. */
  value(now: number): number {
    if (now === this.#askedAt) return this.#fadedMs
    this.#askedAt = now
    const passedMs = now - this.#at
    this.#fadedMs = passedMs > 0 ? this.#valueMs * Math.exp(-passedMs / this.#decayMs) : this.#valueMs
    return this.#fadedMs
  }

  /** An answer came after so long. */
  observe(tookMs: number, now: number): void {
    // Below any clock's grain, and yet known.
    const observed = Math.max(tookMs, 1e-6)
    const passedMs = now - this.#at
    if (passedMs <= 0 && observed <= this.#valueMs) return
    this.#at = now
    const weight = Math.exp(-passedMs / this.#decayMs)
    const value = this.#valueMs * weight
    // The first one is all there is.
    this.#valueMs = this.#valueMs === 0 || observed > value ? observed : value + observed * (1 - weight)
    this.#askedAt = now
    this.#fadedMs = this.#valueMs
  }

  /** No answer came in this time: it takes longer than that. */
  exceeded(tookMs: number, now: number): void {
    if (tookMs > this.value(now)) this.observe(tookMs, now)
  }
}
