import { RpcError } from '@hawser/contract'
import { backoff, jittered } from '@hawser/wire'
import type { Resolver, ResolverHost, Watch } from './resolver.js'

/** Finds out where a service is. */
export type Lookup = (options: {
  readonly signal: AbortSignal
}) => readonly string[] | Promise<readonly string[]>

/** How often a {@link polled} list is asked for. */
export interface PolledOptions {
  /** Milliseconds, give or take a tenth. Default 30,000. Infinity: only when something cannot be reached. */
  readonly everyMs?: number | undefined
  /** Milliseconds a lookup may take. Default 5,000. */
  readonly timeoutMs?: number | undefined
}

// However much there is that cannot be reached.
const leastMs = 1_000

/**
 * A list that is asked for from time to time, and when something in it cannot be reached (at most once a second).
 * @throws TypeError for times that are none
 */
export function polled(lookup: Lookup, options: PolledOptions = {}): Resolver {
  const { everyMs = 30_000, timeoutMs = 5_000 } = options
  for (const [name, value] of Object.entries({ everyMs, timeoutMs }))
    if (!(value > 0)) throw new TypeError(`${name} must be a number above 0, not ${value}`)
  return {
    watch(host) {
      const polling = new Polling(lookup, everyMs, timeoutMs, host)
      polling.run()
      return polling
    },
  }
}

class Polling implements Watch {
  readonly #lookup: Lookup
  readonly #everyMs: number
  readonly #timeoutMs: number
  readonly #host: ResolverHost
  #running: AbortController | undefined
  #timer: unknown
  #late: unknown
  #ranAt = 0
  #failures = 0
  #closed = false

  constructor(lookup: Lookup, everyMs: number, timeoutMs: number, host: ResolverHost) {
    this.#lookup = lookup
    this.#everyMs = everyMs
    this.#timeoutMs = timeoutMs
    this.#host = host
  }

  run(): void {
    const { clock } = this.#host
    const running = new AbortController()
    this.#running = running
    this.#ranAt = clock.now()
    // A lookup that does not look at its signal is not waited for either.
    this.#late = clock.timer(this.#timeoutMs, () => {
      const error = new RpcError('unavailable', `The lookup took over ${this.#timeoutMs} ms`)
      running.abort(error)
      ended(() => this.#failed(error))
    })
    const ended = (tell: () => void) => {
      if (this.#running !== running) return
      clock.clear(this.#late)
      this.#running = undefined
      tell()
    }
    this.#ask(running).then(
      (addresses) => ended(() => this.#resolved(addresses)),
      (error: unknown) => ended(() => this.#failed(error)),
    )
  }

  refresh(): void {
    if (this.#closed || this.#running) return
    this.#next(Math.max(0, this.#ranAt + leastMs - this.#host.clock.now()))
  }

  close(): void {
    this.#closed = true
    this.#host.clock.clear(this.#timer)
    this.#host.clock.clear(this.#late)
    const running = this.#running
    this.#running = undefined
    running?.abort(new RpcError('cancelled', 'The client is closed', { reason: 'closed' }))
  }

  async #ask({ signal }: AbortController): Promise<readonly string[]> {
    return this.#lookup({ signal })
  }

  #resolved(addresses: readonly string[]): void {
    this.#failures = addresses.length === 0 ? this.#failures + 1 : 0
    this.#schedule()
    this.#host.resolved(addresses)
  }

  #failed(error: unknown): void {
    this.#failures++
    this.#schedule()
    this.#host.failed(error)
  }

  #schedule(): void {
    const { clock, limits } = this.#host
    const everyMs = jittered(this.#everyMs, 0.1, clock)
    const againMs = leastMs + backoff(this.#failures, clock, limits)
    this.#next(this.#failures === 0 ? everyMs : Math.min(everyMs, againMs))
  }

  #next(waitMs: number): void {
    const { clock } = this.#host
    clock.clear(this.#timer)
    this.#timer = undefined
    if (this.#closed || waitMs === Infinity) return
    this.#timer = clock.timer(waitMs, () => this.run())
  }
}
