import {
  type Cancel,
  type Handler,
  type MethodType,
  type Middleware,
  type Peer,
  RpcError,
  type ServiceType,
} from '@hawser/contract'
import { native, Runtime } from '@hawser/wire'
import type { Calling } from './caller.js'
import { type Destination, described, type Endpoints, endpoints } from './destination.js'
import type { Endpoint } from './endpoint.js'
import { EndpointPool } from './endpoint-pool.js'
import { Group } from './group.js'
import type { CallOptions, ClientOptions } from './options.js'
import { type RemoteFunction, type RemoteShape, remoteFunction, type Signed } from './remote.js'
import { EndpointRoute } from './route.js'
import { Signals } from './signals.js'
import { type Stub, stubOf } from './stub.js'
import { UnderWay } from './under-way.js'

interface Line {
  readonly carrier: Endpoint | Group
  readonly route: EndpointRoute
}

/** Calls to any number of addresses, over one shared connection each. Made by {@link createClient}. */
export class Client implements AsyncDisposable {
  readonly #runtime: Runtime
  readonly #calling: Calling
  readonly #middleware: readonly Middleware[]
  readonly #reconnect: boolean
  readonly #retry: boolean
  readonly #pool: EndpointPool
  readonly #underWay = new UnderWay()
  // By address, by list of addresses, by description.
  readonly #lines = new Map<string | Endpoints, Line>()
  #closing: Promise<void> | undefined

  constructor(options: ClientOptions) {
    const runtime = new Runtime(options)
    const { credential, handler } = options
    this.#runtime = runtime
    this.#calling = { runtime, context: options.context ?? true, signals: new Signals() }
    this.#middleware = options.middleware ?? []
    this.#reconnect = options.reconnect ?? false
    this.#retry = options.retries ?? true
    this.#pool = new EndpointPool({
      runtime,
      transports: options.transports,
      protocol: options.protocol ?? native(),
      reconnect: this.#reconnect,
      retry: this.#retry,
      context: runtime.context(options, {
        ...(handler && { handler }),
        ...(credential && { credential }),
      }),
    })
  }

  /**
   * A remote function. Nothing is dialled until it is called. A `signature` gives it types, for the compiler and on the wire.
   * @param to an address, a list of them, or what `endpoints` describes
   * @param method begins with `/`
   * @throws TypeError for an address no transport takes
   */
  remote<W extends unknown[], O>(
    to: Destination,
    method: string,
    options: CallOptions & Signed<W, O>,
  ): RemoteFunction<(...args: W) => O>
  remote<F extends RemoteShape>(to: Destination, method: string, options?: CallOptions): RemoteFunction<F>
  remote<F extends RemoteShape>(
    to: Destination,
    method: string,
    options: CallOptions & Partial<Signed> = {},
  ): RemoteFunction<F> {
    return remoteFunction<F>({ route: this.#line(to).route, calling: this.#calling, method }, options)
  }

  /**
   * The methods of a service at an address, or at several. Nothing is dialled until one is called.
   * @throws TypeError for an address no transport takes
   */
  stub<M extends Record<string, MethodType>>(
    service: ServiceType<M>,
    to: Destination,
    options: CallOptions = {},
  ): Stub<M> {
    const { route } = this.#line(to)
    return stubOf(service, (method) => ({ route, calling: this.#calling, method }), options)
  }

  /**
   * An address, or several, as a function from call to reply: what a server that forwards uses as its handler.
   * @throws TypeError for an address no transport takes
   */
  handler(to: Destination): Handler {
    return this.#line(to).route.handler
  }

  /**
   * Connects now, rather than with the first call, and resolves when the handshake is done: of several addresses with the
   * first one.
   * @throws RpcError `unavailable`, or what the other side refused the handshake with
   */
  connect(to: Destination, options: Cancel = {}): Promise<Peer> {
    return this.#line(to).carrier.connect(options)
  }

  /** How often each kind of event has happened. */
  get counters(): ReadonlyMap<string, number> {
    return this.#runtime.counters
  }

  /**
   * Makes no more calls, ends the streams of answers that are being read (`cancelled` / `closed`), lets the other calls end
   * (25 s at most), closes. Idempotent; the signal cuts it short.
   */
  close(options: Cancel = {}): Promise<void> {
    const { signal } = options
    this.#closing ??= this.#close()
    const abort = () => {
      this.#underWay.cancel(closedDuring('call'))
      this.#pool.abort()
    }
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort, { once: true })
    return this.#closing.finally(() => signal?.removeEventListener('abort', abort))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    const reason = new RpcError('unavailable', 'The client is closed', {
      reason: 'closed',
      executed: 'no',
      retryable: false,
    })
    const { clock, limits } = this.#runtime
    const cut = clock.timer(limits.drainMs, () => this.#underWay.cancel(closedDuring('call')))
    this.#calling.signals.endStreams(closedDuring('stream'))
    for (const { carrier } of this.#lines.values()) if (carrier instanceof Group) carrier.close(reason)
    await this.#pool.close(reason)
    // The timers end when nothing waits for them: what middleware still does keeps its deadline, be it called after this.
    await this.#underWay.ended()
    clock.clear(cut)
  }

  #line(to: Destination): Line {
    // A list of one is that one.
    const one = isList(to) && to.length === 1 ? to[0]! : to
    const key = isList(one) ? JSON.stringify(one) : one
    const known = this.#lines.get(key)
    if (known) return known
    if (this.#closing) throw new TypeError('The client is closed')
    const carrier = typeof one === 'string' ? this.#pool.use(one) : this.#group(one)
    const line = {
      carrier,
      route: new EndpointRoute(carrier, this.#runtime, this.#middleware, this.#underWay),
    }
    this.#lines.set(key, line)
    return line
  }

  #group(to: readonly string[] | Endpoints): Group {
    if (isList(to)) for (const address of to) this.#pool.check(address)
    const description = isList(to) ? endpoints({ resolve: to }) : described(to)
    return new Group({
      description,
      pool: this.#pool,
      runtime: this.#runtime,
      reconnect: this.#reconnect,
      retry: this.#retry,
    })
  }
}

function closedDuring(what: 'call' | 'stream'): RpcError {
  return new RpcError('cancelled', `The client was closed while the ${what} went on`, { reason: 'closed' })
}

function isList(to: Destination): to is readonly string[] {
  return Array.isArray(to)
}

/**
 * A client of the given strands. It does nothing until something is called.
 * @throws TypeError for options that make no client
 */
export function createClient(options: ClientOptions): Client {
  return new Client(options)
}
