import type { Measured } from './messages.js'
import { quantile } from './stats.js'
import type { EchoClient } from './subject.js'

// Reading the clock is not free next to calls of about a microsecond, so with many in flight most are not timed.
const timedEvery = 8
const maxSamples = 1_000_000

/** How much load. */
export interface LoadOptions {
  readonly bytes: number
  readonly inFlight: number
}

/** A closed loop: so many callers, each of which calls again as soon as it has its answer. */
export class Load {
  readonly #client: EchoClient
  readonly #text: string
  readonly #inFlight: number
  readonly #samples = new Float64Array(maxSamples)
  readonly #failed: Promise<never>
  #fail: ((error: unknown) => void) | undefined
  #callers: Promise<void>[] = []
  #running = false
  #calls = 0
  #sampled = 0

  constructor(client: EchoClient, { bytes, inFlight }: LoadOptions) {
    this.#client = client
    this.#inFlight = inFlight
    this.#text = textOf(bytes)
    this.#failed = new Promise((_, reject) => {
      this.#fail = reject
    })
    this.#failed.catch(() => {})
  }

  /** Puts the load on, and returns after so many seconds of it. */
  async warm(seconds: number): Promise<void> {
    this.#running = true
    const every = this.#inFlight === 1 ? 1 : timedEvery
    for (let i = 0; i < this.#inFlight; i++) {
      const caller = this.#call(i, every)
      caller.catch(this.#fail!)
      this.#callers.push(caller)
    }
    await this.#last(seconds)
  }

  /** Counts for so many seconds, then takes the load off. */
  async measure(seconds: number): Promise<Measured> {
    this.#sampled = 0
    const calls = this.#calls
    const cpu = process.cpuUsage()
    const begin = performance.now()
    await this.#last(seconds)
    const measured = this.#calls - calls
    const elapsed = (performance.now() - begin) / 1_000
    const { user, system } = process.cpuUsage(cpu)
    this.#running = false
    await Promise.race([Promise.all(this.#callers), this.#failed])
    const samples = this.#samples.subarray(0, this.#sampled).sort()
    return {
      calls: measured,
      seconds: elapsed,
      p50: quantile(samples, 0.5) * 1_000,
      p99: quantile(samples, 0.99) * 1_000,
      cpu: user + system,
    }
  }

  async #call(index: number, every: number): Promise<void> {
    const client = this.#client
    const text = this.#text
    const { length } = text
    for (let n = index; this.#running; n++) {
      if (n % every === 0) {
        const begin = performance.now()
        const echoed = await client.echo(text)
        if (this.#sampled < maxSamples) this.#samples[this.#sampled++] = performance.now() - begin
        if (echoed !== text) throw new Error('the echo is not what was sent')
      } else if ((await client.echo(text)).length !== length) throw new Error('the echo has another length')
      this.#calls++
    }
  }

  async #last(seconds: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, seconds * 1_000)
    })
    try {
      await Promise.race([over, this.#failed])
    } finally {
      clearTimeout(timer)
    }
  }
}

/** So many bytes of plain ASCII that no format has to escape. */
export function textOf(bytes: number): string {
  // A string built by repetition is a rope; through bytes it becomes flat, as one that came from outside is.
  return Buffer.from('The quick brown fox jumps over the lazy dog. '.repeat(Math.ceil(bytes / 45)))
    .subarray(0, bytes)
    .toString('latin1')
}
