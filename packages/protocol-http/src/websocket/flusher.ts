import type { Clock } from '@hawser/contract'

/** What is done once at the end of a turn. */
export interface Flushable {
  flush(): void
}

// A write is a call of the system. Beyond so many in one turn of the loop those left wait for the next, where input is read first,
// and what is added meanwhile goes with them.
const mostFlushes = 256

/** Writes to the sockets once a turn what came for them in it: to the first who were scheduled first. */
export class Flusher {
  readonly #clock: Clock
  #dirty: Flushable[] = []
  readonly #run: () => void

  constructor(clock: Clock) {
    this.#clock = clock
    this.#run = () => {
      const dirty = this.#dirty
      this.#dirty = dirty.length > mostFlushes ? dirty.splice(mostFlushes) : []
      if (this.#dirty.length > 0) this.#clock.soon(this.#run)
      for (const each of dirty) each.flush()
    }
  }

  schedule(one: Flushable): void {
    if (this.#dirty.push(one) === 1) this.#clock.soon(this.#run)
  }
}
