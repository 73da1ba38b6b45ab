import {
  type Acceptor,
  type Adoption,
  type Cancel,
  type Connection,
  type Directory,
  type Handler,
  type Listener,
  type MethodType,
  type Peer,
  type Protocol,
  type ProtocolContext,
  RpcError,
  type ServiceType,
  type Session,
} from '@hawser/contract'
import { compose, native, pickByScheme, Runtime, turnAway } from '@hawser/wire'
import { BlockDetector } from './block-detector.js'
import { choose } from './choose.js'
import { dispatcher } from './dispatch.js'
import type { RpcFunction, ServiceHandlers } from './handlers.js'
import {
  functionOf,
  type Method,
  type MethodOptions,
  MethodTable,
  methodOf,
  type RawMethod,
  type Registration,
  rawMethod,
  type Signed,
} from './methods.js'
import type { ListenOptions, ServerOptions } from './options.js'
import { warnOfOldRuntime } from './runtime-age.js'

/** Methods, and the addresses they are served at. Made by {@link createServer}. */
export class Server implements AsyncDisposable {
  /** The whole server as a function from call to reply, middleware included: for forwarding and in-process use. */
  readonly handler: Handler
  readonly #runtime: Runtime
  readonly #methods: MethodTable
  readonly #transports: readonly Acceptor[]
  readonly #protocols: readonly Protocol[]
  readonly #context: ProtocolContext
  readonly #detector: BlockDetector | undefined
  readonly #listeners = new Set<Listener>()
  readonly #sessions = new Set<Session>()
  // Connections whose protocol is not known yet.
  readonly #undecided = new Set<Connection>()
  // Told when the handshake is done, which may be before `serve` has returned.
  readonly #admissions = new WeakMap<Connection, () => void>()
  readonly #peers = new Map<string, Peer>()
  #closing: Promise<void> | undefined

  constructor(options: ServerOptions) {
    const runtime = new Runtime(options)
    const { limits, log, codecs } = runtime
    const { authenticate, middleware = [] } = options
    this.#runtime = runtime
    this.#transports = options.transports ?? []
    this.#protocols = options.protocols ?? [native()]
    this.#methods = new MethodTable(limits.methodBytes)
    if (options.development ?? inDevelopment()) this.#detector = new BlockDetector(limits.blockMs, log)
    this.handler = compose(
      this.#detector ? [...middleware, this.#detector.middleware] : middleware,
      dispatcher({ methods: this.#methods, codecs, log, context: options.context ?? true }),
    )
    this.#context = runtime.context(options, {
      handler: this.handler,
      methods: this.#methods,
      ...(authenticate && { authenticate }),
      turnAway: (connection, stranger) => turnAway(connection, stranger, this.#context),
      opened: ({ connection, peer, closed }) => {
        this.#peers.set(peer.id, peer)
        void closed.then(() => this.#peers.delete(peer.id))
        this.#admissions.get(connection)?.()
        this.#admissions.delete(connection)
      },
    })
  }

  /**
   * Registers a function under a path. It is called with the arguments of the call, and what it returns, or resolves to,
   * is the reply. A `signature` gives it types, which both are held to.
   * @param name begins with `/` and may have more levels
   * @throws TypeError for a name that is malformed or taken
   */
  // One form for both, since of several a compiler would blame the last one, whatever the mistake.
  rpc<R extends unknown[] = Parameters<RpcFunction>, WO = unknown>(
    name: string,
    handle: NoInfer<(...args: R) => WO | Promise<WO>>,
    options: MethodOptions & Partial<Signed<R, WO>> = {},
  ): Registration {
    this.#methods.checkPath(name)
    return this.#add([functionOf(name, handle, options)])
  }

  /**
   * Registers the methods of a service, as `service/method`.
   * @throws TypeError for a method without a handler, or a service that is there already
   */
  implement<M extends Record<string, MethodType>>(
    service: ServiceType<M>,
    handlers: ServiceHandlers<M>,
    options: MethodOptions = {},
  ): Registration {
    const methods = Object.entries(service.methods).map(([key, type]): Method => {
      const handler = (handlers as Readonly<Record<string, unknown>>)[key]
      // A plain object has a `toString` and a `constructor` that nobody meant as handlers.
      if (typeof handler !== 'function' || handler === Reflect.get(Object.prototype, key))
        throw new TypeError(`${service.name} has no handler for ${key}`)
      // Bound, so that an object with state of its own can implement a service.
      return methodOf(`${service.name}/${key}`, type, handler.bind(handlers), options)
    })
    return this.#add(methods)
  }

  /**
   * Registers a method that does its own encoding, for packages that extend a server.
   * @throws TypeError for a name that is malformed or taken
   */
  register(method: RawMethod): Registration {
    if (method.name.startsWith('/')) this.#methods.checkPath(method.name)
    return this.#add([rawMethod(method)])
  }

  /** Removes one method; calls under way go on. False where there is none of that name. */
  remove(name: string): boolean {
    return this.#methods.remove(name)
  }

  /** The names of all methods. */
  get methods(): readonly string[] {
    return this.#methods.names
  }

  /** What is known of the methods. */
  get directory(): Directory {
    return this.#methods
  }

  /** Limits, clock, log, codecs and counters, for packages that extend a server. */
  get runtime(): Runtime {
    return this.#runtime
  }

  /** The live connections. */
  get connections(): readonly Peer[] {
    return [...this.#peers.values()]
  }

  /** A live connection by its id; undefined once it has ended. */
  connection(id: string): Peer | undefined {
    return this.#peers.get(id)
  }

  /** How often each kind of event has happened, refusals above all. */
  get counters(): ReadonlyMap<string, number> {
    return this.#runtime.counters
  }

  /**
   * Serves all methods at one more address.
   * @throws TypeError for an address no transport takes; RpcError for one that cannot be listened on
   */
  async listen(address: string, options: ListenOptions = {}): Promise<Listener> {
    if (this.#closing) throw closed()
    const protocols = this.#protocolsOf(options)
    const transport = pickByScheme(this.#transports, address)
    if (this.#listeners.size === 0) warnOfOldRuntime(this.#runtime.log)
    let listener: Listener | undefined
    const accept = (connection: Connection) => this.#accept(connection, protocols, () => listener)
    listener = await transport.listen(address, accept, options.signal ? { signal: options.signal } : {})
    this.#listeners.add(listener)
    if (this.#closing) {
      await listener.close()
      throw closed()
    }
    return listener
  }

  /**
   * Serves all methods to the sockets that something else accepts at an address, and hands to what is returned.
   * @throws TypeError for an address no transport takes, or whose transport has no sockets
   */
  adopt(address: string, options: Omit<ListenOptions, 'signal'> = {}): Adoption {
    if (this.#closing) throw closed()
    const protocols = this.#protocolsOf(options)
    const transport = pickByScheme(this.#transports, address)
    if (!transport.adopt)
      throw new TypeError(`${address} is not of a transport that sockets can be handed to`)
    const adoption: Adoption = transport.adopt(address, (connection) =>
      this.#accept(connection, protocols, () => adoption),
    )
    this.#listeners.add(adoption)
    return adoption
  }

  /**
   * Serves all methods to a connection that was made elsewhere: handed over by another process, say.
   * @throws TypeError for no protocols
   */
  serve(connection: Connection, options: Omit<ListenOptions, 'signal'> = {}): void {
    this.#accept(connection, this.#protocolsOf(options), () => undefined)
  }

  /** Listens no more, lets running calls end (25 s at most), closes. Idempotent; the signal cuts it short. */
  close(options: Cancel = {}): Promise<void> {
    this.#closing ??= this.#close()
    const { signal } = options
    const abort = () => {
      for (const session of this.#sessions)
        session.abort(new RpcError('unavailable', 'The server was closed', { reason: 'closed' }))
    }
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort, { once: true })
    return this.#closing.finally(() => signal?.removeEventListener('abort', abort))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #protocolsOf({ protocols = this.#protocols }: ListenOptions): readonly Protocol[] {
    if (!Array.isArray(protocols) || protocols.some((protocol) => typeof protocol?.serve !== 'function'))
      throw new TypeError(
        'Protocols are a list of what factories make: protocols: [http()], not http() or [http]',
      )
    if (protocols.length === 0) throw new TypeError('A listener needs at least one protocol')
    return protocols
  }

  // What no codec can carry is known now, not at the first call.
  #add(methods: readonly Method[]): Registration {
    const codecs = [...this.#runtime.codecs.values()]
    for (const { layout } of methods) if (!codecs.some((codec) => layout.fits(codec))) layout.of(codecs[0]!)
    return this.#methods.add(methods)
  }

  #accept(
    connection: Connection,
    protocols: readonly Protocol[],
    listener: () => Listener | undefined,
  ): void {
    if (this.#closing) {
      connection.abort(closing())
      return
    }
    const serve = (protocol: Protocol, readable: Connection, since?: number) => {
      this.#undecided.delete(connection)
      this.#admissions.set(readable, () => listener()?.admitted?.(connection))
      const session = protocol.serve(readable, this.#context, since)
      this.#sessions.add(session)
      void session.closed.then(() => this.#sessions.delete(session))
    }
    if (protocols.length === 1) {
      serve(protocols[0]!, connection)
      return
    }
    this.#undecided.add(connection)
    const { limits, timers } = this.#runtime
    choose(connection, {
      protocols,
      limits,
      timers,
      chosen: serve,
      unknown: (head, reason) => {
        void connection.closed.then(() => this.#undecided.delete(connection))
        const error = new RpcError('invalid_argument', 'No protocol of this port was spoken', { reason })
        const speaks = protocols.map(({ name }) => name)
        turnAway(connection, { head, error, speaks }, this.#context)
      },
      ended: () => this.#undecided.delete(connection),
    })
  }

  async #close(): Promise<void> {
    this.#methods.closing()
    await Promise.all([...this.#listeners].map((listener) => listener.close()))
    for (const connection of this.#undecided) connection.abort(closing())
    await Promise.all([...this.#sessions].map((session) => session.close()))
    this.#detector?.close()
    this.#runtime.close()
  }
}

/**
 * A server of the given strands. It does nothing until it listens.
 * @throws TypeError for options that make no server
 */
export function createServer(options: ServerOptions): Server {
  return new Server(options)
}

function closed(): TypeError {
  return new TypeError('The server is closed')
}

function closing(): RpcError {
  return new RpcError('unavailable', 'The server is closing', { reason: 'draining' })
}

function inDevelopment(): boolean {
  const { process } = globalThis as { process?: { env?: { readonly NODE_ENV?: string } } }
  return process?.env?.NODE_ENV === 'development'
}
