import { type Cancel, type LogEntry, type MethodType, type ServiceType, systemClock } from '@hawser/contract'
import { NoticeCodecs } from '@hawser/wire'
import { deadlines } from './deadlines.js'
import { type Around, type Endpoint, endpoint } from './endpoint.js'
import { fault, unavailable } from './fault.js'
import { clientLimits } from './limits.js'
import type { CallOptions, ClientOptions, ServerPeer } from './options.js'
import { peerOf } from './peer.js'
import type { Session } from './session.js'
import {
  type RemoteFunction,
  type RemoteShape,
  remoteFunction,
  type Signed,
  type Stub,
  stubOf,
} from './stub.js'

/** Calls to any number of addresses, over one shared connection each. Made by {@link createClient}. */
export interface Client extends AsyncDisposable {
  /**
   * A remote function. Nothing is dialled until it is called. A `signature` gives it types, for the compiler and on the wire.
   * @param method begins with `/`
   * @throws TypeError for an address no transport takes
   */
  remote<W extends unknown[], O>(
    address: string,
    method: string,
    options: CallOptions & Signed<W, O>,
  ): RemoteFunction<(...args: W) => O>
  remote<F extends RemoteShape>(address: string, method: string, options?: CallOptions): RemoteFunction<F>
  /**
   * The methods of a service at an address. Nothing is dialled until one is called.
   * @throws TypeError for an address no transport takes
   */
  stub<M extends Record<string, MethodType>>(
    service: ServiceType<M>,
    address: string,
    options?: CallOptions,
  ): Stub<M>
  /**
   * Connects now, rather than with the first call, and resolves when the handshake is done.
   * @throws RpcError `unavailable`, or what the other side refused the handshake with
   */
  connect(address: string, options?: Cancel): Promise<ServerPeer>
  /**
   * Makes no more calls, ends the streams of answers that are being read (`cancelled` / `closed`), lets the other calls end
   * (25 s at most), closes. Idempotent; the signal cuts it short.
   */
  close(options?: Cancel): Promise<void>
}

/**
 * A client of the given strands. It does nothing until something is called.
 * @throws TypeError for options that make no client
 */
export function createClient(options: ClientOptions): Client {
  const { transports, codecs, clock = systemClock(), reconnect = false } = options
  const byName = new Map(codecs.map((codec) => [codec.name, codec]))
  if (byName.size === 0 || byName.size < codecs.length || byName.size > 16)
    throw new TypeError('A client needs from 1 to 16 codecs of different names')
  const notices = new NoticeCodecs(byName, options.notices)
  const endpoints = new Map<string, Endpoint>()
  const peers = new WeakMap<Session, ServerPeer>()
  let made = 0
  let closing: Promise<void> | undefined

  const log = (entry: LogEntry) => {
    if (options.log) options.log(entry)
    else console.warn(`hawser ${entry.event}: ${entry.message}`, entry)
  }

  // What a callback of the user's throws is the log's, and nobody else's.
  const tell = async (hook: 'onConnect' | 'onClose' | 'onNotify', call: () => unknown) => {
    try {
      await call()
    } catch (error) {
      log({ level: 'error', event: 'hook_failed', message: `${hook} threw`, hook, error })
    }
  }

  const peer = (session: Session) => {
    let found = peers.get(session)
    if (!found) {
      found = peerOf(`${++made}`, session, notices)
      peers.set(session, found)
    }
    return found
  }

  const around: Around = {
    clock,
    limits: clientLimits(options.limits),
    codecs,
    reconnect,
    calls: deadlines(clock),
    signals: new WeakMap(),
    credential: () => options.credential?.(),
    opened(session) {
      const opened = peer(session)
      void tell('onConnect', () => options.onConnect?.(opened))
      void session.closed.then((reason) => tell('onClose', () => options.onClose?.(opened, reason)))
    },
    notified(type, codec, body, session) {
      if (!options.onNotify) return
      let message: unknown
      try {
        message = notices.of(type, codec)!.decode(body)
      } catch (error) {
        const event = 'notification_bad_payload'
        log({ level: 'warn', event, message: 'A notification cannot be read', error })
        return
      }
      void tell('onNotify', () => options.onNotify?.(type, message, peer(session)))
    },
    faulty: ({ reason = 'internal', message }, { connection }) =>
      log({ level: 'warn', event: `connection_${reason}`, message, peer: connection.peer.address }),
  }

  const endpointOf = (address: string) => {
    let found = endpoints.get(address)
    if (!found) {
      if (closing) throw new TypeError('The client is closed')
      const [scheme = ''] = address.split(':')
      const dialer = transports.find(({ schemes }) => schemes.includes(scheme))
      if (!dialer) throw new TypeError(`No transport takes ${JSON.stringify(address)}`)
      found = endpoint(address, dialer, around)
      endpoints.set(address, found)
    }
    return found
  }

  const end = async () => {
    const ended = fault('cancelled', 'closed', 'The client was closed')
    for (const call of around.calls.values()) if (call.inflow) call.cancel(ended)
    const reason = unavailable('closed', 'The client is closed', 'no', false)
    await Promise.all([...endpoints.values()].map((each) => each.close(reason)))
    around.calls.close()
  }

  const close: Client['close'] = ({ signal } = {}) => {
    closing ??= end()
    const abort = () => {
      for (const each of endpoints.values()) each.abort(fault('cancelled', 'closed', 'Closing was cut short'))
    }
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort)
    return closing.finally(() => signal?.removeEventListener('abort', abort))
  }

  return {
    remote: (address: string, method: string, given: CallOptions = {}) =>
      remoteFunction(endpointOf(address), method, given),
    stub: (service, address, given = {}) => stubOf(service, endpointOf(address), given),
    connect: async (address, { signal } = {}) => peer(await endpointOf(address).connect(signal)),
    close,
    [Symbol.asyncDispose]: () => close(),
  }
}
