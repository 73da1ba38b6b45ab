import type { Places } from './gate.js'

const fewest = 10
const smoothing = 0.2
const better = 0.9
// The first look at how long calls take without load is taken soon: the limit to begin with may be far too high.
const firstRoundMs = 1_000
const roundMs = 10_000

/** What a {@link Gradient} is made with. */
export interface GradientParts {
  readonly start: number
  readonly floor: number
  readonly most: number
  readonly tolerance: number
  readonly windowMs: number
  readonly onLimit?: ((limit: number) => void) | undefined
}

/**
 * A limit that follows the ratio of how long calls take without load to how long they take now. How long they take without
 * load is seen where fewer than half of the places are used; where that does not come about by itself, the limit is
 * halved for a moment every 10 s, and once more as long as calls get faster by it.
 */
export class Gradient implements Places {
  readonly #parts: GradientParts
  #limit: number
  // Milliseconds of a call without load.
  #base: number | undefined
  #lightest = Infinity
  // Those of the last window.
  #recent = 0
  #roundEnd: number | undefined
  // The limit while it is lowered, and since when no more than that many run.
  #probe: number | undefined
  #probeSince: number | undefined
  #windowStart: number | undefined
  #sum = 0
  #count = 0
  #peak = 0

  constructor(parts: GradientParts) {
    this.#parts = parts
    this.#limit = parts.start
  }

  get limit(): number {
    return this.#probe ?? Math.floor(this.#limit)
  }

  ended(startedAt: number, now: number, running: number, answered: boolean): void {
    this.#windowStart ??= now
    this.#roundEnd ??= now + firstRoundMs
    this.#peak = Math.max(this.#peak, running)
    if (this.#probe !== undefined) {
      if (this.#probeSince === undefined && running <= this.#probe) this.#probeSince = now
      // What began among more calls says nothing of how it is among few.
      if (this.#probeSince === undefined || startedAt < this.#probeSince) return
    }
    if (!answered) return
    this.#sum += now - startedAt
    this.#count++
    if (this.#count >= fewest && now - this.#windowStart >= this.#parts.windowMs) this.#window(now)
  }

  #window(now: number): void {
    const recent = Math.max(this.#sum / this.#count, 0.001)
    const light = this.#peak * 2 < this.#limit
    if (this.#probe !== undefined) {
      const faster = recent < better * this.#recent
      this.#base = recent
      if (faster && this.#probe > this.#parts.floor) this.#lower(this.#probe)
      else this.#round(now)
    } else {
      if (light) this.#lightest = Math.min(this.#lightest, recent)
      this.#base = Math.min(this.#base ?? recent, recent)
      if (!light) this.#adapt(recent)
      if (now >= this.#roundEnd!) this.#endRound(now)
    }
    this.#recent = recent
    this.#restart(now)
  }

  #adapt(recent: number): void {
    const { tolerance, floor, most, onLimit } = this.#parts
    const gradient = Math.max(0.5, Math.min(1, (tolerance * this.#base!) / recent))
    const target = this.#limit * gradient + Math.sqrt(this.#limit)
    const before = this.limit
    this.#limit = Math.max(floor, Math.min(most, this.#limit + smoothing * (target - this.#limit)))
    if (this.limit !== before) onLimit?.(this.limit)
  }

  #endRound(now: number): void {
    if (this.#lightest < Infinity) {
      this.#base = this.#lightest
      this.#round(now)
    } else this.#lower(this.#limit)
  }

  #lower(limit: number): void {
    this.#probe = Math.max(this.#parts.floor, Math.floor(limit / 2))
    this.#probeSince = undefined
  }

  #round(now: number): void {
    this.#probe = undefined
    this.#lightest = Infinity
    this.#roundEnd = now + roundMs
  }

  #restart(now: number): void {
    this.#windowStart = now
    this.#sum = 0
    this.#count = 0
    this.#peak = 0
  }
}
