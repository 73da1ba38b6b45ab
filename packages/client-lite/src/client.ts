import {
  type Cancel,
  limitsWith,
  type MethodType,
  type Peer,
  RpcError,
  type ServiceType,
  systemClock,
} from '@hawser/contract'
import { consoleLog, NoticeCodecs, pickByScheme, SessionPeer } from '@hawser/wire'
import { Deadlines } from './deadlines.js'
import { Endpoint, type Surroundings } from './endpoint.js'
import type { CallOptions, ClientOptions } from './options.js'
import type { SessionContext } from './session.js'
import { Signals } from './signals.js'
import { type RemoteFunction, type RemoteShape, remoteFunction, type Stub, stubOf } from './stub.js'

/** Calls to any number of addresses, over one shared connection each. Made by {@link createClient}. */
export class Client implements AsyncDisposable {
  readonly #options: ClientOptions
  readonly #surroundings: Surroundings
  readonly #endpoints = new Map<string, Endpoint>()
  #closing: Promise<void> | undefined

  constructor(options: ClientOptions) {
    const { codecs: list, clock = systemClock(), reconnect = false } = options
    const codecs = new Map(list.map((codec) => [codec.name, codec]))
    if (codecs.size === 0 || codecs.size < list.length)
      throw new TypeError('A client needs codecs, each of a name of its own')
    const limits = limitsWith(options.limits)
    this.#options = options
    this.#surroundings = {
      clock,
      limits,
      codecs,
      reconnect,
      deadlines: new Deadlines(clock),
      signals: new Signals(),
      streams: new Set(),
      context: contextOf(options, { clock, limits, codecs }),
    }
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
    return remoteFunction<F>(this.#endpoint(address), method, options)
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
    return stubOf(service, this.#endpoint(address), options)
  }

  /**
   * Connects now, rather than with the first call, and resolves when the handshake is done.
   * @throws RpcError `unavailable`, or what the other side refused the handshake with
   */
  connect(address: string, options: Cancel = {}): Promise<Peer> {
    return this.#endpoint(address).connect(options)
  }

  /**
   * Makes no more calls, ends the streams of answers that are being read (`cancelled` / `closed`), lets the other calls end
   * (25 s at most), closes. Idempotent; the signal cuts it short.
   */
  close(options: Cancel = {}): Promise<void> {
    const { signal } = options
    this.#closing ??= this.#close()
    const abort = () => {
      for (const endpoint of this.#endpoints.values()) endpoint.abort()
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
    const { streams, deadlines } = this.#surroundings
    for (const stream of [...streams])
      stream.cancel(
        new RpcError('cancelled', 'The client was closed while the stream went on', { reason: 'closed' }),
      )
    await Promise.all([...this.#endpoints.values()].map((endpoint) => endpoint.close(reason)))
    deadlines.close()
  }

  #endpoint(address: string): Endpoint {
    let endpoint = this.#endpoints.get(address)
    if (!endpoint) {
      if (this.#closing) throw new TypeError('The client is closed')
      endpoint = new Endpoint(address, pickByScheme(this.#options.transports, address), this.#surroundings)
      this.#endpoints.set(address, endpoint)
    }
    return endpoint
  }
}

// What sessions need. What a callback of the user's throws is the log's, and nobody else's.
function contextOf(
  { onConnect, onClose, onNotify, credential, log = consoleLog, notices: types }: ClientOptions,
  { clock, limits, codecs }: Pick<Surroundings, 'clock' | 'limits' | 'codecs'>,
): SessionContext {
  const notices = new NoticeCodecs(codecs, types)
  const prefix = clock.random().toString(36).slice(2, 8)
  let peers = 0
  const hook = async (name: string, call: () => unknown) => {
    try {
      await call()
    } catch (error) {
      log({ level: 'error', event: 'hook_failed', message: `${name} threw`, hook: name, error })
    }
  }
  return {
    clock,
    limits,
    codecs: [...codecs.keys()],
    log,
    ...(credential && { credential }),
    peer: (session) => new SessionPeer(`${prefix}-${++peers}`, session, notices),
    opened(session) {
      const { peer } = session
      void hook('onConnect', () => onConnect?.(peer))
      void session.closed.then((reason) => hook('onClose', () => onClose?.(peer, reason)))
    },
    notified({ type, codec, body }, { peer }) {
      if (!onNotify) return
      let message: unknown
      try {
        message = notices.of(type, codec)!.decode(body)
      } catch (error) {
        log({
          level: 'warn',
          event: 'notification_bad_payload',
          message: 'A notification was not readable',
          error,
        })
        return
      }
      void hook('onNotify', () => onNotify(type, message, peer))
    },
  }
}

/**
 * A client of the given strands. It does nothing until something is called.
 * @throws TypeError for options that make no client
 */
export function createClient(options: ClientOptions): Client {
  return new Client(options)
}
