import type { Call, Clock, Handler, Reply } from '@hawser/contract'
import { bytes } from './mock-pair.js'

/** A handler with so many workers, each of which takes so long for one call: further calls wait in line. */
export class Workers {
  workers: number
  workMs: number
  /** Calls that came, and that were worked on to their end. */
  begun = 0
  done = 0
  /** Calls in here at a time, at the most. */
  peak = 0
  readonly #clock: Clock
  readonly #line: { readonly call: Call; done(): void }[] = []
  #busy = 0

  constructor(clock: Clock, workers: number, workMs: number) {
    this.#clock = clock
    this.workers = workers
    this.workMs = workMs
  }

  get present(): number {
    return this.#busy + this.#line.length
  }

  // Cancelling does not stop the work: most handlers look at no signal.
  readonly handler: Handler = (call) =>
    new Promise<Reply>((resolve) => {
      this.begun++
      this.#line.push({ call, done: () => resolve({ output: bytes('done') }) })
      this.peak = Math.max(this.peak, this.present)
      this.#work()
    })

  #work(): void {
    while (this.#busy < this.workers && this.#line.length > 0) {
      const { done } = this.#line.shift()!
      this.#busy++
      this.#clock.timer(this.workMs, () => {
        this.#busy--
        this.done++
        done()
        this.#work()
      })
    }
  }
}
