import { RpcError } from '@hawser/contract'
import { Histogram } from './histogram.js'

/** What became of the calls of a run. */
export class Tally {
  /** Of calls that were answered, from when each was due. */
  readonly latency: Histogram = new Histogram()
  /** How long after it was due each call was made. */
  readonly lateness: Histogram = new Histogram()
  /** By code and reason, with the first message of each. */
  readonly errors: Map<string, { count: number; readonly message: string }> = new Map()
  #failed = 0
  #open = true

  /** Calls that have ended. */
  get calls(): number {
    return this.latency.count + this.#failed
  }
  get failed(): number {
    return this.#failed
  }

  answered(milliseconds: number): void {
    if (this.#open) this.latency.record(milliseconds)
  }

  failedWith(error: unknown): void {
    if (!this.#open) return
    this.#failed++
    const { code, reason, message } = RpcError.from(error)
    const name = reason === undefined ? code : `${code}/${reason}`
    const known = this.errors.get(name)
    if (known) known.count++
    else this.errors.set(name, { count: 1, message })
  }

  /** Counts nothing more: what ends from now on was cut off. */
  close(): void {
    this.#open = false
  }
}
