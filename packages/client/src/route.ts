import type { Clock, Codec, Handler, Middleware, Reply, RpcError } from '@hawser/contract'
import { compose, type Runtime } from '@hawser/wire'
import type { CallSink, Route } from './caller.js'
import type { ClientCall } from './client-call.js'
import type { Endpoint } from './endpoint.js'
import { Settlement } from './settlement.js'

/** Calls to one address. */
export class EndpointRoute implements Route {
  /** The address as a function from call to reply, middleware included. */
  readonly handler: Handler
  readonly #endpoint: Endpoint
  readonly #runtime: Runtime
  readonly #preferred: Codec
  readonly #wrapped: boolean
  // The codec of the last list seen: asked for with every call.
  #shared: readonly string[] | undefined
  #codec: Codec

  constructor(endpoint: Endpoint, runtime: Runtime, middleware: readonly Middleware[]) {
    this.#endpoint = endpoint
    this.#runtime = runtime
    this.#preferred = runtime.codecs.values().next().value!
    this.#codec = this.#preferred
    this.#wrapped = middleware.length > 0
    this.handler = compose(
      middleware,
      (call) =>
        new Promise<Reply>((replied, reject) => {
          const failed = (error: RpcError) => {
            if (!endpoint.recover(call, error, sink)) reject(error)
          }
          const sink: CallSink = { replied, failed, gaveUp: reject }
          endpoint.begin(call, sink)
        }),
    )
  }

  get shared(): readonly string[] | undefined {
    return this.#endpoint.codecs
  }

  get codec(): Codec {
    const { codecs } = this.#endpoint
    if (codecs !== this.#shared) {
      this.#shared = codecs
      this.#codec = this.#runtime.codecs.get(codecs?.[0] ?? '') ?? this.#preferred
    }
    return this.#codec
  }

  begin(call: ClientCall, sink: CallSink): void {
    // Without middleware there is no need for promises between the call and its answer.
    if (this.#wrapped) new Settlement(call, sink, this.#runtime.clock).run(this.handler)
    else this.#endpoint.begin(call, sink)
  }

  recover(call: ClientCall, error: RpcError, sink: CallSink): boolean {
    return !this.#wrapped && this.#endpoint.recover(call, error, sink)
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
