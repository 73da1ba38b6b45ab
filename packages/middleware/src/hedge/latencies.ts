import type { Clock } from '@hawser/contract'

// Bounds that grow by a tenth: what is read is at most that much too long.
const growth = 1.1
const leastMs = 0.1
const buckets = 160
const enough = 20

/** How long recent calls took: those of this window and of the one before. */
export class Latencies {
  readonly #clock: Clock
  readonly #windowMs: number
  #windowStart: number
  #now = new Uint32Array(buckets)
  #before = new Uint32Array(buckets)
  #count = 0
  #countBefore = 0

  constructor(clock: Clock, windowMs: number) {
    this.#clock = clock
    this.#windowMs = windowMs
    this.#windowStart = clock.now()
  }

  add(milliseconds: number): void {
    this.#turn()
    const bucket = Math.ceil(Math.log(Math.max(milliseconds, leastMs) / leastMs) / Math.log(growth))
    this.#now[Math.min(bucket, buckets - 1)]!++
    this.#count++
  }

  /** Milliseconds within which that share of the calls was answered; undefined as long as there were too few. */
  percentile(share: number): number | undefined {
    this.#turn()
    const total = this.#count + this.#countBefore
    if (total < enough) return undefined
    let left = share * total
    for (let bucket = 0; bucket < buckets; bucket++) {
      left -= this.#now[bucket]! + this.#before[bucket]!
      if (left <= 1e-9) return leastMs * growth ** bucket
    }
    return leastMs * growth ** (buckets - 1)
  }

  #turn(): void {
    const away = this.#clock.now() - this.#windowStart
    if (away < this.#windowMs) return
    const skipped = away >= 2 * this.#windowMs
    const free = this.#before.fill(0)
    this.#before = skipped ? this.#now.fill(0) : this.#now
    this.#countBefore = skipped ? 0 : this.#count
    this.#now = free
    this.#count = 0
    this.#windowStart = this.#clock.now()
  }
}
