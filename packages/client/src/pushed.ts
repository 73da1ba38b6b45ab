import { RpcError } from '@hawser/contract'
import { backoff } from '@hawser/wire'
import type { Resolver, ResolverHost, Watch } from './resolver.js'

/** The lists of a service's addresses, one after the other; the signal ends them. */
export type Lists = (options: { readonly signal: AbortSignal }) => AsyncIterable<readonly string[]>

/** A list that somebody tells of its changes. Where that ends or fails, it is begun again, with growing waits. */
export function pushed(lists: Lists): Resolver {
  return {
    watch(host) {
      const following = new Following(lists, host)
      void following.run()
      return following
    },
  }
}

class Following implements Watch {
  readonly #lists: Lists
  readonly #host: ResolverHost
  readonly #controller = new AbortController()
  #timer: unknown
  #failures = 0

  constructor(lists: Lists, host: ResolverHost) {
    this.#lists = lists
    this.#host = host
  }

  async run(): Promise<void> {
    const { signal } = this.#controller
    let error: unknown = new RpcError('unavailable', 'No more is told of the addresses')
    try {
      for await (const list of this.#lists({ signal })) {
        if (signal.aborted) return
        this.#failures = 0
        this.#host.resolved(list)
      }
    } catch (thrown) {
      error = thrown
    }
    if (signal.aborted) return
    const { clock, limits } = this.#host
    this.#failures++
    this.#timer = clock.timer(backoff(this.#failures, clock, limits), () => void this.run())
    this.#host.failed(error)
  }

  // Who tells of changes by itself need not be asked.
  refresh(): void {}

  close(): void {
    this.#host.clock.clear(this.#timer)
    this.#controller.abort(new RpcError('cancelled', 'The client is closed', { reason: 'closed' }))
  }
}
