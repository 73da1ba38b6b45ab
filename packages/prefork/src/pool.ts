import { type Cancel, RpcError } from '@hawser/contract'
import type { Exit } from './carrier.js'
import { Child, type ChildInfo, type ChildOwner, type ChildSettings } from './child.js'
import type { Client } from './client.js'
import { type ExitLimits, Exits, waitAfter } from './exits.js'
import type { Placement, PlacementOwner } from './placement.js'

/** What a pool is made of. */
export interface PoolOptions extends ExitLimits {
  readonly workers: number
  /** Connections that a child serves at a time. */
  readonly perChild: number
  /** For the addresses that are listened on. */
  settings(addresses: readonly string[]): ChildSettings
}

interface Slot {
  current: Child | undefined
  /** A replacement is on its way, whatever becomes of the current one. */
  replacing: boolean
  /** In a row, of children that did not live. */
  failures: number
  timer: unknown
}

// Who has lived so long was no failure.
const livedMs = 1_000

/** A fixed number of children, each of which serves many connections, or one at a time. */
export class Pool implements Placement, ChildOwner {
  readonly #options: PoolOptions
  readonly #owner: PlacementOwner
  readonly #slots: readonly Slot[]
  readonly #children = new Set<Child>()
  readonly #exits: Exits
  #settings: ChildSettings
  #generations = 0
  #turn = 0
  #opened = false
  #over = false
  #restarting: Promise<void> = Promise.resolve()

  constructor(options: PoolOptions, owner: PlacementOwner) {
    this.#options = options
    this.#owner = owner
    this.#settings = options.settings([])
    this.#exits = new Exits(this.#settings.clock, options)
    this.#slots = Array.from({ length: options.workers }, () => ({
      current: undefined,
      replacing: false,
      failures: 0,
      timer: undefined,
    }))
  }

  get children(): readonly ChildInfo[] {
    return [...this.#children]
  }

  async open(addresses: readonly string[]): Promise<readonly string[]> {
    this.#settings = this.#options.settings(addresses)
    for (const [worker, slot] of this.#slots.entries()) slot.current = this.#spawn(worker)
    const listening = await Promise.all(this.#slots.map(({ current }) => current!.ready))
    this.#opened = true
    return listening[0] ?? []
  }

  // The one with the fewest connections; of several, each in turn.
  place(client: Client): boolean {
    const { length } = this.#slots
    let least: Child | undefined
    for (let index = 0; index < length; index++) {
      const child = this.#slots[(this.#turn + index) % length]!.current
      if (child?.state !== 'ready' || child.connections >= this.#options.perChild) continue
      if (!least || child.connections < least.connections) least = child
    }
    if (!least) return false
    this.#turn = (least.worker + 1) % length
    least.hand(client)
    return true
  }

  restart(): Promise<void> {
    const restarted = this.#restarting.then(() => this.#restart())
    this.#restarting = restarted.catch(() => {})
    return restarted
  }

  async close({ signal }: Cancel): Promise<void> {
    this.#over = true
    for (const { timer } of this.#slots) this.#settings.clock.clear(timer)
    const stop = () => {
      for (const child of this.#children) child.stop()
    }
    if (signal?.aborted || !this.#opened) stop()
    else for (const child of this.#children) child.drain()
    signal?.addEventListener('abort', stop, { once: true })
    await Promise.all([...this.#children].map(({ gone }) => gone))
    signal?.removeEventListener('abort', stop)
  }

  // ---- ChildOwner ---------------------------------------------------------------------------------------------

  freed(child: Child): void {
    if (child.state === 'ready') this.#owner.freed()
  }

  returned(client: Client): void {
    this.#owner.returned(client)
  }

  leaving(child: Child): void {
    const slot = this.#slots[child.worker]!
    if (this.#over || slot.current !== child || slot.replacing) return
    // Where none can be had in its place it goes nevertheless.
    void this.#replace(child.worker).catch(() => child.drain())
  }

  exited(child: Child, exit: Exit): void {
    this.#children.delete(child)
    const slot = this.#slots[child.worker]!
    // Freed connections may wait for another.
    this.#owner.freed()
    if (this.#over || !this.#opened || slot.current !== child) return
    slot.current = undefined
    const { clock } = this.#settings
    const lived = child.readyAt !== undefined && clock.now() - child.readyAt >= livedMs
    if (this.#exits.add(exit, child.readyAt !== undefined)) {
      this.#giveUp()
      return
    }
    slot.failures = lived ? 1 : slot.failures + 1
    if (slot.replacing) return
    slot.timer = clock.timer(waitAfter(slot.failures), () => this.#fill(child.worker))
  }

  // ---- children -----------------------------------------------------------------------------------------------

  #spawn(worker: number): Child {
    const child = new Child(worker, ++this.#generations, this.#settings, this)
    this.#children.add(child)
    this.#owner.joined(child.channel, child)
    return child
  }

  #fill(worker: number): void {
    const child = this.#spawn(worker)
    this.#slots[worker]!.current = child
    child.ready.then(
      () => this.#owner.freed(),
      () => {},
    )
  }

  /** Resolves to the child replaced, which drains, once its replacement is ready. */
  async #replace(worker: number): Promise<Child | undefined> {
    const slot = this.#slots[worker]!
    slot.replacing = true
    this.#settings.clock.clear(slot.timer)
    try {
      const next = this.#spawn(worker)
      try {
        await next.ready
      } catch (error) {
        if (!slot.current && !this.#over) this.#fill(worker)
        throw error
      }
      const old = slot.current
      slot.current = next
      // Connections are given to the new one before the old one hears that no more come.
      old?.drain()
      this.#owner.freed()
      return old
    } finally {
      slot.replacing = false
    }
  }

  async #restart(): Promise<void> {
    const old: (Child | undefined)[] = []
    for (const worker of this.#slots.keys()) {
      if (this.#over) throw new TypeError('The servers are closed')
      old.push(await this.#replace(worker))
    }
    await Promise.all(old.map((child) => child?.gone))
  }

  // Those that live serve on.
  #giveUp(): void {
    const { maxExits, exitsWithinMs } = this.#options
    const { clock, log } = this.#settings
    const message = `More than ${maxExits} exits within ${exitsWithinMs} ms: servers are not replaced any more`
    log({ level: 'error', event: 'crash_loop', message })
    for (const { timer } of this.#slots) clock.clear(timer)
    this.#over = true
    void Promise.all([...this.#children].map(({ gone }) => gone)).then(() =>
      this.#owner.failed(new RpcError('unavailable', message, { reason: 'closed' })),
    )
  }
}
