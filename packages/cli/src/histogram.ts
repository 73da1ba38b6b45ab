// Below 2^stepBits microseconds there is a bucket for each; above, as many for each doubling: no value is told more than
// 1/128 too high.
const stepBits = 7
const steps = 2 ** stepBits
const most = 2 ** 32 - 1

/** Times, counted in buckets whose width grows with them: of any number of them, in the same few kilobytes. */
export class Histogram {
  readonly #buckets = new Float64Array((32 - stepBits + 1) * steps)
  #count = 0
  #sum = 0
  #max = 0
  #min = Infinity

  /** How many times were recorded. */
  get count(): number {
    return this.#count
  }
  /** Milliseconds, exact; 0 without any. */
  get max(): number {
    return this.#max
  }
  get min(): number {
    return this.#count === 0 ? 0 : this.#min
  }
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count
  }

  /** @param milliseconds from 0 to an hour; longer ones count as that */
  record(milliseconds: number): void {
    this.#count++
    this.#sum += milliseconds
    if (milliseconds > this.#max) this.#max = milliseconds
    if (milliseconds < this.#min) this.#min = milliseconds
    this.#buckets[indexOf(Math.min(most, Math.max(0, Math.round(milliseconds * 1_000))))]!++
  }

  /** Milliseconds that so many percent of the times are within: the upper end of a bucket, but never over the maximum. */
  percentile(percent: number): number {
    const rank = Math.max(1, Math.ceil((this.#count * percent) / 100))
    let seen = 0
    for (const [index, count] of this.#buckets.entries()) {
      seen += count
      if (count > 0 && seen >= rank) return Math.min(this.#max, endOf(index) / 1_000)
    }
    return this.#max
  }

  /** How many there are in each doubling of time, from the first that has some to the last, with its end in milliseconds. */
  octaves(): { readonly toMs: number; readonly count: number }[] {
    const counts = new Map<number, number>()
    for (const [index, count] of this.#buckets.entries())
      if (count > 0) {
        const octave = Math.ceil(Math.log2(endOf(index) + 1))
        counts.set(octave, (counts.get(octave) ?? 0) + count)
      }
    const used = [...counts.keys()]
    const [first, last] = [Math.min(...used), Math.max(...used)]
    const rows = []
    for (let octave = first; octave <= last; octave++)
      rows.push({ toMs: 2 ** octave / 1_000, count: counts.get(octave) ?? 0 })
    return rows
  }
}

function indexOf(microseconds: number): number {
  if (microseconds < steps) return microseconds
  const shift = 32 - Math.clz32(microseconds) - stepBits - 1
  return (shift + 1) * steps + (microseconds >>> shift) - steps
}

// The highest number of microseconds that is counted there.
function endOf(index: number): number {
  if (index < steps) return index
  const shift = Math.floor(index / steps) - 1
  return ((index % steps) + steps + 1) * 2 ** shift - 1
}
