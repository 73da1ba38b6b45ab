import type { Clock } from '@hawser/contract'

/** What is done once at the end of a turn. */
export interface Flushable {
  flush(): void
}

/** Writes to the sockets once a turn what came for them in it. */
export class Flusher {
  readonly #clock: Clock
  #dirty: Flushable[] = []
  readonly #run: () => void

  constructor(clock: Clock) {
    this.#clock = clock
    this.#run = () => {
      const dirty = this.#dirty
      this.#dirty = []
      for (const each of dirty) each.flush()
    }
  }

  schedule(one: Flushable): void {
    if (this.#dirty.push(one) === 1) this.#clock.soon(this.#run)
  }
}
