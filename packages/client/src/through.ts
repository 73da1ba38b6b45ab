import type { Handler, Limits, MethodType, Peer, ServiceType } from '@hawser/contract'
import { encodeHeaders, Runtime, type RuntimeOptions } from '@hawser/wire'
import type { CallOptions } from './options.js'
import { type RemoteFunction, type RemoteShape, remoteFunction, type Signed } from './remote.js'
import { HandlerRoute } from './route.js'
import { Signals } from './signals.js'
import { type Stub, stubOf } from './stub.js'

/** Calls that go through something at hand. Made by {@link callsThrough}. */
export interface Calls extends Disposable {
  remote<W extends unknown[], O>(
    method: string,
    options: CallOptions & Signed<W, O>,
  ): RemoteFunction<(...args: W) => O>
  remote<F extends RemoteShape>(method: string, options?: CallOptions): RemoteFunction<F>
  stub<M extends Record<string, MethodType>>(service: ServiceType<M>, options?: CallOptions): Stub<M>
  /** Forgets the deadlines of calls under way: to be called when none is. */
  close(): void
}

/** What {@link callsThrough} may be told besides. */
export interface CallsOptions extends RuntimeOptions {
  /** As in the options of a client. */
  readonly context?: boolean | undefined
}

/**
 * Calls without an address: to the other end of a connection (a server calling its client), or to the handler of a server
 * in the same process, with no transport at all.
 * @throws TypeError where the peer takes none of the codecs
 */
export function callsThrough(through: Peer | Handler, options: CallsOptions): Calls {
  const runtime = new Runtime(options)
  const calling = { runtime, context: options.context ?? true, signals: new Signals() }
  const inProcess = typeof through === 'function'
  const handler = inProcess ? headersChecked(through, runtime.limits) : through.handler
  const taken = inProcess ? undefined : through.codecs
  const codec = options.codecs.find(({ name }) => taken?.includes(name) ?? true)
  if (!codec) throw new TypeError(`The peer takes none of the codecs given, only ${taken?.join(', ')}`)
  const route = new HandlerRoute(handler, codec, runtime.clock)
  const close = () => runtime.close()
  return {
    remote: (method: string, options: CallOptions = {}) =>
      remoteFunction({ route, calling, method }, options),
    stub: (service, options = {}) => stubOf(service, (method) => ({ route, calling, method }), options),
    close,
    [Symbol.dispose]: close,
  }
}

// What could not cross a connection is not let through without one either.
function headersChecked(handler: Handler, limits: Limits): Handler {
  return (call) => {
    if (call.headers.size > 0) encodeHeaders(call.headers, limits)
    return handler(call)
  }
}
