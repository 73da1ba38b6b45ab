import type { Places } from '../../src/concurrency-limit/gate.js'

/** Callers that call again as soon as they are answered, of a server with so many workers: time without a clock. */
export class ClosedLoop {
  workers: number
  workMs: number
  callers: number
  now = 0
  done = 0
  readonly #places: Places
  readonly #running: { readonly startedAt: number; endsAt: number | undefined }[] = []

  constructor(places: Places, workers: number, workMs: number, callers: number) {
    this.#places = places
    this.workers = workers
    this.workMs = workMs
    this.callers = callers
  }

  /** Lets some time pass; the lowest and the highest limit of it. */
  run(milliseconds: number): readonly [low: number, high: number] {
    const until = this.now + milliseconds
    let [low, high] = [this.#places.limit, this.#places.limit]
    while (this.now < until) {
      this.#begin()
      this.now = Math.min(...this.#running.map(({ endsAt }) => endsAt ?? Infinity))
      const index = this.#running.findIndex(({ endsAt }) => endsAt === this.now)
      this.#places.ended(this.#running[index]!.startedAt, this.now, this.#running.length, true)
      this.#running.splice(index, 1)
      this.done++
      low = Math.min(low, this.#places.limit)
      high = Math.max(high, this.#places.limit)
    }
    return [low, high]
  }

  #begin(): void {
    while (this.#running.length < Math.min(this.#places.limit, this.callers))
      this.#running.push({ startedAt: this.now, endsAt: undefined })
    let free = this.workers - this.#running.filter(({ endsAt }) => endsAt !== undefined).length
    for (const call of this.#running) {
      if (free <= 0) return
      if (call.endsAt !== undefined) continue
      // Calls of one moment end one after the other, as they would.
      call.endsAt = this.now + this.workMs * (1 + 0.001 * free)
      free--
    }
  }
}
