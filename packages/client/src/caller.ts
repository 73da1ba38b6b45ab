import type { CallKind, Codec, ReplySink, RpcError } from '@hawser/contract'
import type { Runtime } from '@hawser/wire'
import type { ClientCall } from './client-call.js'
import type { Signals } from './signals.js'

/** Takes the outcome of a call, as a route tells it. */
export interface CallSink extends ReplySink {
  /** A first attempt failed; the route may be asked to {@link Route.recover} from it. */
  failed(error: RpcError): void
  /** The route has tried all it may. */
  gaveUp(error: RpcError): void
}

/** Where calls go: one address, one peer, or a handler in this process. */
export interface Route {
  /** The codec that the next call had best be in. */
  readonly codec: Codec
  /** The codecs the other side is known to take too, by name; undefined while that is not known. */
  readonly shared: readonly string[] | undefined
  /** The sink hears of the call once. */
  begin(call: ClientCall, sink: CallSink): void
  /** For a call that failed: true where the route tries again, and the sink will hear of it. */
  recover(call: ClientCall, error: RpcError, sink: CallSink): boolean
}

/** What all calls of one client share. */
export interface Calling {
  readonly runtime: Runtime
  /** Take deadline and cancellation from the surrounding call? */
  readonly context: boolean
  readonly signals: Signals
}

/** A kind of call whose answer is one value. */
export type PromiseKind = Extract<CallKind, 'unary' | 'client-stream' | 'oneway'>
