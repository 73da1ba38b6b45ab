import type { Cancel, Clock } from '@hawser/contract'
import { localChannel } from './channel.js'
import type { ChildInfo } from './child.js'
import type { Client } from './client.js'
import { Host } from './host.js'
import type { Placement, PlacementOwner } from './placement.js'

/** What a server in the main program's own process is made of. */
export interface InProcessOptions {
  readonly model: string
  readonly module: string
  readonly clock: Clock
  readonly drainMs: number
  /** Connections served at a time. */
  readonly atOnce: number
}

interface Living {
  readonly host: Host
  readonly generation: number
  state: 'ready' | 'draining'
  connections: number
  end(): void
}

/** The server in the main program's own process. */
export class InProcess implements Placement {
  readonly #options: InProcessOptions
  readonly #owner: PlacementOwner
  readonly #living = new Set<Living>()
  #current: Living | undefined
  #addresses: readonly string[] = []
  #generations = 0
  #connections = 0
  #over = false
  #restarting: Promise<void> = Promise.resolve()

  constructor(options: InProcessOptions, owner: PlacementOwner) {
    this.#options = options
    this.#owner = owner
  }

  get children(): readonly ChildInfo[] {
    return [...this.#living].map(infoOf)
  }

  async open(addresses: readonly string[]): Promise<readonly string[]> {
    this.#addresses = addresses
    this.#current = await this.#make()
    return []
  }

  place(client: Client): boolean {
    const living = this.#current
    if (!living || this.#connections >= this.#options.atOnce) return false
    const { socket } = client
    this.#connections++
    living.connections++
    client.placed()
    living.host.take(socket, client.listener, () => {
      this.#connections--
      living.connections--
      this.#owner.freed()
    })
    return true
  }

  restart(): Promise<void> {
    const restarted = this.#restarting.then(() => this.#restart())
    this.#restarting = restarted.catch(() => {})
    return restarted
  }

  async close(cancel: Cancel): Promise<void> {
    this.#over = true
    this.#current = undefined
    await Promise.all([...this.#living].map((living) => this.#close(living, cancel)))
  }

  // The module is the one that is loaded already: what is new is the server it makes.
  async #restart(): Promise<void> {
    const next = this.#over ? undefined : await this.#make()
    // It may have been closed while that was made.
    if (this.#over) {
      if (next) await this.#close(next, {})
      throw new TypeError('The servers are closed')
    }
    const old = this.#current
    this.#current = next
    if (old) await this.#close(old, {})
  }

  async #make(): Promise<Living> {
    const { model, module, clock, drainMs } = this.#options
    const generation = ++this.#generations
    const { near, far } = localChannel()
    const host = await Host.open({
      module,
      listen: this.#addresses,
      clock,
      drainMs,
      accept: 'handed',
      context: { model, worker: 0, generation, channel: far },
    })
    const living: Living = { host, generation, state: 'ready', connections: 0, end: () => near.end() }
    this.#living.add(living)
    this.#owner.joined(near, infoOf(living))
    return living
  }

  async #close(living: Living, cancel: Cancel): Promise<void> {
    living.state = 'draining'
    try {
      await living.host.close(cancel)
    } finally {
      living.end()
      this.#living.delete(living)
    }
  }
}

function infoOf({ generation, state, connections }: Living): ChildInfo {
  return { worker: 0, generation, pid: undefined, state, connections }
}
