import type { Acceptor, Cancel, RpcError } from '@hawser/contract'
import type { Channel } from './channel.js'
import type { ChildInfo } from './child.js'
import { Front } from './front.js'
import type { Model } from './options.js'
import type { Placement, PlacementOwner } from './placement.js'

/** What a program that serves is made of. */
export interface RunningOptions {
  readonly model: Model
  /** What is listened on here; none where the children do it. */
  readonly listen: readonly string[]
  readonly transports: readonly Acceptor[]
  readonly decrypts: boolean
  place(owner: PlacementOwner): Placement
  onChannel?(channel: Channel, child: ChildInfo): void
}

/** A server in one of the process models. */
export class Running implements AsyncDisposable {
  readonly model: Model
  /** Resolves once, and never rejects: undefined after `close`, an error when there are no servers any more. */
  readonly closed: Promise<RpcError | undefined>
  readonly #front: Front
  readonly #placement: Placement
  readonly #cut = new AbortController()
  #own: readonly string[] = []
  #closing: Promise<void> | undefined
  #reason: RpcError | undefined
  #resolveClosed: (reason: RpcError | undefined) => void = () => {}

  private constructor(options: RunningOptions) {
    const { model, transports, decrypts } = options
    this.model = model
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    this.#placement = options.place({
      freed: () => this.#front.pump(),
      returned: (client) => this.#front.back(client),
      joined: (channel, child) => options.onChannel?.(channel, child),
      failed: (reason) => {
        this.#reason = reason
        void this.close()
      },
    })
    this.#front = new Front({ transports, decrypts, place: (client) => this.#placement.place(client) })
  }

  /** For `serve`. */
  static async open(options: RunningOptions): Promise<Running> {
    const running = new Running(options)
    try {
      // Bound first, so that the servers know their addresses, ports included; who connects meanwhile waits.
      for (const address of options.listen) await running.#front.listen(address)
      running.#own = await running.#placement.open(running.#front.addresses)
    } catch (error) {
      await running.close()
      throw error
    }
    running.#front.pump()
    return running
  }

  /** Where to dial, in the order of `listen`, with the real ports. */
  get addresses(): readonly string[] {
    return this.#own.length > 0 ? this.#own : this.#front.addresses
  }

  /** The first of the addresses. */
  get address(): string {
    return this.addresses[0]!
  }

  /** Servers that live: processes, threads, or the one in this process. */
  get size(): number {
    return this.#placement.children.length
  }

  get children(): readonly ChildInfo[] {
    return this.#placement.children
  }

  /** Connections for which no server is free. */
  get waiting(): number {
    return this.#front.waiting
  }

  /**
   * Replaces every server: a new one is ready before an old one is told to drain. Resolves when the old ones are gone. The models
   * `serial` and `async` make a new server from the module as it was loaded; the others load it anew.
   * @throws Error when a new server does not start; then those not yet replaced serve on
   */
  restart(): Promise<void> {
    if (this.#closing) return Promise.reject(new TypeError('It is closed'))
    return this.#placement.restart()
  }

  /** Listens no more, lets running calls end, ends every server. Idempotent; the signal cuts it short. */
  close({ signal }: Cancel = {}): Promise<void> {
    const cut = this.#cut
    this.#closing ??= this.#close({ signal: cut.signal })
    if (signal?.aborted) cut.abort()
    else signal?.addEventListener('abort', () => cut.abort(), { once: true })
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(cancel: Cancel): Promise<void> {
    await this.#front.close()
    await this.#placement.close(cancel)
    this.#resolveClosed(this.#reason)
  }
}
