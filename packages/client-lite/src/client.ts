import {
  type Cancel,
  type LogEntry,
  limitsWith,
  type MethodType,
  type ServiceType,
  systemClock,
} from '@hawser/contract'
import { NoticeCodecs } from '@hawser/wire'
import type { Call } from './call.js'
import { Deadlines } from './deadlines.js'
import { type Around, type Endpoint, endpoint as endpointOf } from './endpoint.js'
import { fault, unavailable } from './fault.js'
import type { CallOptions, ClientOptions, ServerPeer } from './options.js'
import { SessionPeer } from './peer.js'
import type { Session } from './session.js'
import { type RemoteFunction, type RemoteShape, remoteFunction, type Stub, stubOf } from './stub.js'

/** Calls to any number of addresses, over one shared connection each. Made by {@link createClient}. */
export class Client implements AsyncDisposable {
  readonly #options: ClientOptions
  readonly #around: Around
  readonly #notices: NoticeCodecs
  readonly #endpoints = new Map<string, Endpoint>()
  readonly #peers = new WeakMap<Session, SessionPeer>()
  #made = 0
  #closing: Promise<void> | undefined

  constructor(options: ClientOptions) {
    const { codecs, clock = systemClock(), reconnect = false } = options
    const byName = new Map(codecs.map((codec) => [codec.name, codec]))
    if (byName.size === 0 || byName.size < codecs.length || byName.size > 16)
      throw new TypeError('A client needs from 1 to 16 codecs, each of another name')
    this.#options = options
    this.#notices = new NoticeCodecs(byName, options.notices)
    this.#around = {
      clock,
      limits: limitsWith(options.limits),
      codecs,
      reconnect,
      calls: new Deadlines<Call>(clock),
      signals: new WeakMap(),
      credential: () => options.credential?.(),
      opened: (session) => this.#opened(session),
      notified: (type, codec, body, session) => this.#notified(type, codec, body, session),
      faulty: ({ reason = 'internal', message }, { connection }) =>
        this.#log({ level: 'warn', event: `connection_${reason}`, message, peer: connection.peer.address }),
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
  async connect(address: string, { signal }: Cancel = {}): Promise<ServerPeer> {
    return this.#peerOf(await this.#endpoint(address).connect(signal))
  }

  /**
   * Makes no more calls, ends the streams of answers that are being read (`cancelled` / `closed`), lets the other calls end
   * (25 s at most), closes. Idempotent; the signal cuts it short.
   */
  close({ signal }: Cancel = {}): Promise<void> {
    this.#closing ??= this.#close()
    const abort = () => {
      for (const endpoint of this.#endpoints.values())
        endpoint.abort(fault('cancelled', 'closed', 'Closing was cut short'))
    }
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort)
    return this.#closing.finally(() => signal?.removeEventListener('abort', abort))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    const { calls } = this.#around
    const ended = fault('cancelled', 'closed', 'The client was closed')
    for (const call of calls.values()) if (call.inflow) call.cancel(ended)
    const reason = unavailable('closed', 'The client is closed', 'no', false)
    await Promise.all([...this.#endpoints.values()].map((endpoint) => endpoint.close(reason)))
    calls.close()
  }

  #endpoint(address: string): Endpoint {
    let endpoint = this.#endpoints.get(address)
    if (!endpoint) {
      const [scheme = ''] = address.split(':')
      const dialer = this.#options.transports.find(({ schemes }) => schemes.includes(scheme))
      if (!dialer || this.#closing)
        throw new TypeError(
          this.#closing ? 'The client is closed' : `No transport takes ${JSON.stringify(address)}`,
        )
      endpoint = endpointOf(address, dialer, this.#around)
      this.#endpoints.set(address, endpoint)
    }
    return endpoint
  }

  #peerOf(session: Session): SessionPeer {
    let peer = this.#peers.get(session)
    if (!peer) {
      peer = new SessionPeer(`${++this.#made}`, session, this.#notices)
      this.#peers.set(session, peer)
    }
    return peer
  }

  #opened(session: Session): void {
    const { onConnect, onClose } = this.#options
    const peer = this.#peerOf(session)
    void this.#hook('onConnect', () => onConnect?.(peer))
    void session.closed.then((reason) => this.#hook('onClose', () => onClose?.(peer, reason)))
  }

  #notified(type: string, codec: string, body: Uint8Array, session: Session): void {
    const { onNotify } = this.#options
    if (!onNotify) return
    let message: unknown
    try {
      message = this.#notices.of(type, codec)!.decode(body)
    } catch (error) {
      this.#log({
        level: 'warn',
        event: 'notification_bad_payload',
        message: 'A notification was not readable',
        error,
      })
      return
    }
    void this.#hook('onNotify', () => onNotify(type, message, this.#peerOf(session)))
  }

  // What a callback of the user's throws is the log's, and nobody else's.
  async #hook(hook: string, callback: () => unknown): Promise<void> {
    try {
      await callback()
    } catch (error) {
      this.#log({ level: 'error', event: 'hook_failed', message: `${hook} threw`, hook, error })
    }
  }

  #log(entry: LogEntry): void {
    const { log } = this.#options
    if (log) log(entry)
    else console.warn(`hawser ${entry.event}: ${entry.message}`, entry)
  }
}

/**
 * A client of the given strands. It does nothing until something is called.
 * @throws TypeError for options that make no client
 */
export function createClient(options: ClientOptions): Client {
  return new Client(options)
}
