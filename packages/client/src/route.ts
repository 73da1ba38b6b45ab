import type { Call, Clock, Codec, Handler, Middleware, Reply, RpcError } from '@hawser/contract'
import { compose, type Runtime } from '@hawser/wire'
import type { CallSink, Route } from './caller.js'
import type { ClientCall } from './client-call.js'
import { Settlement } from './settlement.js'
import type { UnderWay } from './under-way.js'

/** What takes calls to where they are answered: the endpoint of one address, or a group of them. */
export interface Carrier {
  /** The codecs the other side has too, the preferred first; undefined while that is not known. */
  readonly codecs: readonly string[] | undefined
  /** The sink hears of the call once. */
  begin(call: Call, sink: CallSink): void
  /** Takes over a call that failed in its first attempt: true where it is tried again, and the sink will hear of it. */
  recover(call: Call, error: RpcError, sink: CallSink): boolean
}

/** Calls to one address, or to one of several. */
export class EndpointRoute implements Route {
  /** The same as a function from call to reply, middleware included. */
  readonly handler: Handler
  readonly #carrier: Carrier
  readonly #runtime: Runtime
  readonly #preferred: Codec
  readonly #wrapped: boolean
  readonly #underWay: UnderWay
  // The codec of the last list seen: asked for with every call.
  #shared: readonly string[] | undefined
  #codec: Codec

  constructor(carrier: Carrier, runtime: Runtime, middleware: readonly Middleware[], underWay: UnderWay) {
    this.#underWay = underWay
    this.#carrier = carrier
    this.#runtime = runtime
    this.#preferred = runtime.codecs.values().next().value!
    this.#codec = this.#preferred
    this.#wrapped = middleware.length > 0
    this.handler = compose(
      middleware,
      (call) =>
        new Promise<Reply>((replied, reject) => {
          const failed = (error: RpcError) => {
            if (!carrier.recover(call, error, sink)) reject(error)
          }
          const sink: CallSink = { replied, failed, gaveUp: reject }
          carrier.begin(call, sink)
        }),
    )
  }

  get shared(): readonly string[] | undefined {
    return this.#carrier.codecs
  }

  get codec(): Codec {
    const { codecs } = this.#carrier
    if (codecs !== this.#shared) {
      this.#shared = codecs
      this.#codec = this.#runtime.codecs.get(codecs?.[0] ?? '') ?? this.#preferred
    }
    return this.#codec
  }

  begin(call: ClientCall, sink: CallSink): void {
    // Without middleware there is no need for promises between the call and its answer.
    if (!this.#wrapped) {
      this.#carrier.begin(call, sink)
      return
    }
    this.#underWay.add(call)
    new Settlement(call, sink, this.#runtime.clock, this.#underWay).run(this.handler)
  }

  recover(call: ClientCall, error: RpcError, sink: CallSink): boolean {
    return !this.#wrapped && this.#carrier.recover(call, error, sink)
  }
}

/** Calls to a handler that is at hand: a peer's, or a server's in the same process. */
export class HandlerRoute implements Route {
  readonly codec: Codec
  readonly shared: undefined = undefined
  readonly #handler: Handler
  readonly #clock: Clock

  constructor(handler: Handler, codec: Codec, clock: Clock) {
    this.#handler = handler
    this.#clock = clock
    this.codec = codec
  }

  begin(call: ClientCall, sink: CallSink): void {
    new Settlement(call, sink, this.#clock).run(this.#handler)
  }

  recover(): boolean {
    return false
  }
}
