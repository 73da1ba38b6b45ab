import { type Cancel, RpcError } from '@hawser/contract'
import type { Exit } from './carrier.js'
import { Child, type ChildInfo, type ChildOwner, type ChildSettings } from './child.js'
import type { Client } from './client.js'
import { type ExitLimits, Exits } from './exits.js'
import type { Placement, PlacementOwner } from './placement.js'

/** What is needed to give each connection a child of its own. */
export interface PerConnectionOptions extends ExitLimits {
  /** Children at a time. */
  readonly workers: number
  settings(addresses: readonly string[]): ChildSettings
}

/** A child for each connection, which leaves when it is over. */
export class PerConnection implements Placement, ChildOwner {
  readonly #options: PerConnectionOptions
  readonly #owner: PlacementOwner
  readonly #exits: Exits
  // With the places they take, so that each has a number below the number of places.
  readonly #children = new Map<number, Child>()
  readonly #draining = new Set<Child>()
  #settings: ChildSettings
  #generations = 0
  #over = false

  constructor(options: PerConnectionOptions, owner: PlacementOwner) {
    this.#options = options
    this.#owner = owner
    this.#settings = options.settings([])
    this.#exits = new Exits(this.#settings.clock, options)
  }

  get children(): readonly ChildInfo[] {
    return [...this.#children.values(), ...this.#draining]
  }

  // One is made and let go, to find out now rather than at the first connection whether the module is good.
  async open(addresses: readonly string[]): Promise<readonly string[]> {
    this.#settings = this.#options.settings(addresses)
    const first = this.#spawn(0)
    await first.ready
    first.drain()
    await first.gone
    return []
  }

  place(client: Client): boolean {
    if (this.#over || this.#children.size + this.#draining.size >= this.#options.workers) return false
    let worker = 0
    while (this.#children.has(worker)) worker++
    const child = this.#spawn(worker)
    child.ready.then(
      () => {
        // Told to go before it was there: the next one takes it.
        if (child.state !== 'ready') this.#owner.returned(client)
        else this.#hand(child, client)
      },
      (error: Error) => client.refuse(error.message),
    )
    return true
  }

  async restart(): Promise<void> {
    const old = [...this.#children.values()]
    for (const child of old) this.#drain(child)
    await Promise.all(old.map(({ gone }) => gone))
  }

  async close({ signal }: Cancel): Promise<void> {
    this.#over = true
    const all = [...this.#children.values(), ...this.#draining]
    const stop = () => {
      for (const child of all) child.stop()
    }
    if (signal?.aborted) stop()
    else for (const child of all) child.drain()
    signal?.addEventListener('abort', stop, { once: true })
    await Promise.all(all.map(({ gone }) => gone))
    signal?.removeEventListener('abort', stop)
  }

  // ---- ChildOwner ---------------------------------------------------------------------------------------------

  freed(child: Child): void {
    this.#drain(child)
  }

  returned(client: Client): void {
    this.#owner.returned(client)
  }

  leaving(child: Child): void {
    this.#drain(child)
  }

  exited(child: Child, exit: Exit): void {
    this.#draining.delete(child)
    if (this.#children.get(child.worker) === child) this.#children.delete(child.worker)
    // A server that fails in the middle of its connection harms nobody else's; one that cannot begin is of no use to anybody.
    if (!this.#over && child.readyAt === undefined && this.#exits.add(exit, false)) this.#giveUp()
    this.#owner.freed()
  }

  // ---- children -----------------------------------------------------------------------------------------------

  #spawn(worker: number): Child {
    const child = new Child(worker, ++this.#generations, this.#settings, this)
    this.#children.set(worker, child)
    this.#owner.joined(child.channel, child)
    return child
  }

  #hand(child: Child, client: Client): void {
    try {
      child.hand(client)
    } catch (error) {
      // It may have ended while its server was made.
      client.refuse(RpcError.from(error).message)
      this.#drain(child)
    }
  }

  #drain(child: Child): void {
    if (child.state === 'gone') return
    if (this.#children.get(child.worker) === child) this.#children.delete(child.worker)
    this.#draining.add(child)
    child.drain()
  }

  #giveUp(): void {
    const { maxExits, exitsWithinMs } = this.#options
    const message = `More than ${maxExits} servers have failed to start within ${exitsWithinMs} ms`
    this.#settings.log({ level: 'error', event: 'crash_loop', message })
    this.#over = true
    const all = [...this.#children.values(), ...this.#draining]
    void Promise.all(all.map(({ gone }) => gone)).then(() =>
      this.#owner.failed(new RpcError('unavailable', message, { reason: 'closed' })),
    )
  }
}
