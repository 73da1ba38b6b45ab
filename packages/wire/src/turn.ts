import type { Clock } from '@hawser/contract'

/**
 * The time, read once for all jobs of a turn. It is early by as long as they have held the loop, which for what is counted
 * in seconds does not matter, and spares a look at the clock for each of many calls.
 */
export class Turn {
  readonly #clock: Clock
  readonly #over: () => void
  #now: number | undefined

  constructor(clock: Clock) {
    this.#clock = clock
    this.#over = () => {
      this.#now = undefined
    }
  }

  now(): number {
    if (this.#now === undefined) {
      this.#now = this.#clock.now()
      queueMicrotask(this.#over)
    }
    return this.#now
  }
}
