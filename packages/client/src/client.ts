import {
  type Cancel,
  type Dialer,
  type Handler,
  type MethodType,
  type Middleware,
  type Peer,
  type Protocol,
  type ProtocolContext,
  RpcError,
  type ServiceType,
} from '@hawser/contract'
import { native, pickByScheme, Runtime } from '@hawser/wire'
import type { Calling } from './caller.js'
import { Endpoint } from './endpoint.js'
import type { CallOptions, ClientOptions } from './options.js'
import { type RemoteFunction, type RemoteShape, remoteFunction } from './remote.js'
import { EndpointRoute } from './route.js'
import { Signals } from './signals.js'
import { type Stub, stubOf } from './stub.js'

interface Line {
  readonly endpoint: Endpoint
  readonly route: EndpointRoute
}

/** Calls to any number of addresses, over one shared connection each. Made by {@link createClient}. */
export class Client implements AsyncDisposable {
  readonly #runtime: Runtime
  readonly #calling: Calling
  readonly #transports: readonly Dialer[]
  readonly #protocol: Protocol
  readonly #middleware: readonly Middleware[]
  readonly #context: ProtocolContext
  readonly #reconnect: boolean
  readonly #lines = new Map<string, Line>()
  #closing: Promise<void> | undefined

  constructor(options: ClientOptions) {
    const runtime = new Runtime(options)
    const { credential, handler } = options
    this.#runtime = runtime
    this.#calling = { runtime, context: options.context ?? true, signals: new Signals() }
    this.#transports = options.transports
    this.#protocol = options.protocol ?? native()
    this.#middleware = options.middleware ?? []
    this.#reconnect = options.reconnect ?? false
    this.#context = runtime.context(options, {
      ...(handler && { handler }),
      ...(credential && { credential }),
    })
  }

  /**
   * A remote function. Nothing is dialled until it is called.
   * @param method begins with `/`
   * @throws TypeError for an address no transport takes
   */
  remote<F extends RemoteShape>(
    address: string,
    method: string,
    options: CallOptions = {},
  ): RemoteFunction<F> {
    return remoteFunction<F>({ route: this.#line(address).route, calling: this.#calling, method }, options)
  }

  /**
   * The methods of a service at an address. Nothing is dialled until one is called.
   * @throws TypeError for an address no transport takes
   */
  stub<M extends Record<string, MethodType>>(
    service: ServiceType<M>,
    address: string,
    options: CallOptions = {},
  ): Stub<M> {
    const { route } = this.#line(address)
    return stubOf(service, (method) => ({ route, calling: this.#calling, method }), options)
  }

  /**
   * An address as a function from call to reply: what a server that forwards uses as its handler.
   * @throws TypeError for an address no transport takes
   */
  handler(address: string): Handler {
    return this.#line(address).route.handler
  }

  /**
   * Connects now, rather than with the first call, and resolves when the handshake is done.
   * @throws RpcError `unavailable`, or what the other side refused the handshake with
   */
  connect(address: string, options: Cancel = {}): Promise<Peer> {
    return this.#line(address).endpoint.connect(options)
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
      for (const { endpoint } of this.#lines.values()) endpoint.abort()
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
    this.#calling.signals.endStreams(
      new RpcError('cancelled', 'The client was closed while the stream went on', { reason: 'closed' }),
    )
    await Promise.all([...this.#lines.values()].map(({ endpoint }) => endpoint.close(reason)))
    this.#runtime.close()
  }

  #line(address: string): Line {
    const known = this.#lines.get(address)
    if (known) return known
    if (this.#closing) throw new TypeError('The client is closed')
    const endpoint = new Endpoint({
      address,
      dialer: pickByScheme(this.#transports, address),
      protocol: this.#protocol,
      context: this.#context,
      runtime: this.#runtime,
      reconnect: this.#reconnect,
    })
    const line = { endpoint, route: new EndpointRoute(endpoint, this.#runtime, this.#middleware) }
    this.#lines.set(address, line)
    return line
  }
}

/**
 * A client of the given strands. It does nothing until something is called.
 * @throws TypeError for options that make no client
 */
export function createClient(options: ClientOptions): Client {
  return new Client(options)
}
