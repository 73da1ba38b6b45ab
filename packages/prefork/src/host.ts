import type { Socket } from 'node:net'
import type { Adoption, Cancel, Clock, Connection, Protocol } from '@hawser/contract'
import type { Server } from '@hawser/server'
import { loadModule, type ServerContext } from './module.js'

/** What a host is made of. */
export interface HostOptions {
  readonly module: string
  readonly listen: readonly string[]
  readonly clock: Clock
  /** Milliseconds for calls to end when it closes; what is left is aborted. */
  readonly drainMs: number
  readonly context: ServerContext
  /** Connections are handed over; or brought by the main program, already decrypted; or taken by the server itself. */
  readonly accept: 'handed' | 'brought' | 'cluster'
}

// A connection this young may not have said a word yet. It gets the time to, so that it can be told that it has to go
// elsewhere, instead of breaking off without its knowing what became of its first calls.
const settleMs = 500

/** The server of a module, where it runs. */
export class Host {
  /** Where to dial, where the server listens by itself. */
  readonly addresses: readonly string[]
  readonly #server: Server
  readonly #clock: Clock
  readonly #drainMs: number
  readonly #adoptions: readonly Adoption[]
  readonly #protocols: readonly (readonly Protocol[] | undefined)[]
  // By when they came, the youngest last.
  readonly #live = new Map<object, number>()

  private constructor(
    server: Server,
    { clock, drainMs }: HostOptions,
    protocols: readonly (readonly Protocol[] | undefined)[],
    adoptions: readonly Adoption[],
    addresses: readonly string[],
  ) {
    this.#server = server
    this.#clock = clock
    this.#drainMs = drainMs
    this.#protocols = protocols
    this.#adoptions = adoptions
    this.addresses = addresses
  }

  /** @throws what the module throws, and what the server says of the addresses */
  static async open(hostOptions: HostOptions): Promise<Host> {
    const { module, listen, context, accept } = hostOptions
    const { default: make, protocols: choose } = await loadModule(module)
    const server = await make(context)
    if (typeof server?.adopt !== 'function')
      throw new TypeError(`${module} makes no server, but ${typeof server}`)
    try {
      const protocols = listen.map((address) => choose?.(address))
      const options = protocols.map((protocols) => (protocols ? { protocols } : {}))
      const adoptions: Adoption[] = []
      const addresses: string[] = []
      for (const [index, address] of listen.entries())
        if (accept === 'handed') adoptions.push(server.adopt(address, options[index]))
        else if (accept === 'cluster') addresses.push((await server.listen(address, options[index])).address)
      return new Host(server, hostOptions, protocols, adoptions, addresses)
    } catch (error) {
      await server.close()
      throw error
    }
  }

  /** Serves a socket that came in at one of the addresses. */
  take(socket: Socket, listener: number, done: () => void): void {
    this.#live.set(socket, this.#clock.now())
    socket.once('close', () => {
      this.#live.delete(socket)
      done()
    })
    this.#adoptions[listener]!.take(socket)
  }

  /** Serves a connection that came in at one of the addresses. */
  serve(connection: Connection, listener: number, done: () => void): void {
    this.#live.set(connection, this.#clock.now())
    void connection.closed.then(() => {
      this.#live.delete(connection)
      done()
    })
    const protocols = this.#protocols[listener]
    this.#server.serve(connection, protocols ? { protocols } : {})
  }

  /** Lets the calls that run end, tells the peers to go elsewhere, and closes. Nothing may be handed to it any more. */
  async close({ signal }: Cancel = {}): Promise<void> {
    const cut = new AbortController()
    const abort = () => cut.abort()
    const timer = this.#clock.timer(this.#drainMs, abort)
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
    try {
      await this.#settle(cut)
      await this.#server.close(cut)
    } finally {
      this.#clock.clear(timer)
      signal?.removeEventListener('abort', abort)
    }
  }

  #settle({ signal }: Cancel): Promise<void> {
    return new Promise((resolve) => {
      const clock = this.#clock
      let timer: unknown
      const look = () => {
        const youngest = Math.max(Number.NEGATIVE_INFINITY, ...this.#live.values())
        const left = youngest + settleMs - clock.now()
        if (left <= 0 || signal?.aborted) resolve()
        else timer = clock.timer(Math.min(left, 20), look)
      }
      signal?.addEventListener(
        'abort',
        () => {
          clock.clear(timer)
          resolve()
        },
        { once: true },
      )
      look()
    })
  }
}
