import {
  type Codec,
  type Handler,
  type Middleware,
  type Reply,
  type ReplySink,
  RpcError,
} from '@hawser/contract'
import { compose, type Runtime } from '@hawser/wire'
import type { Route } from './caller.js'
import type { ClientCall } from './client-call.js'
import type { Endpoint } from './endpoint.js'

/** Calls to one address. */
export class EndpointRoute implements Route {
  /** The address as a function from call to reply, middleware included. */
  readonly handler: Handler
  readonly #endpoint: Endpoint
  readonly #runtime: Runtime
  readonly #preferred: Codec
  readonly #wrapped: boolean

  constructor(endpoint: Endpoint, runtime: Runtime, middleware: readonly Middleware[]) {
    this.#endpoint = endpoint
    this.#runtime = runtime
    this.#preferred = runtime.codecs.values().next().value!
    this.#wrapped = middleware.length > 0
    this.handler = compose(
      middleware,
      (call) => new Promise<Reply>((replied, failed) => endpoint.begin(call, { replied, failed })),
    )
  }

  get shared(): readonly string[] | undefined {
    return this.#endpoint.codecs
  }

  get codec(): Codec {
    const name = this.#endpoint.codecs?.[0]
    return name === undefined ? this.#preferred : (this.#runtime.codecs.get(name) ?? this.#preferred)
  }

  begin(call: ClientCall, sink: ReplySink): void {
    // Without middleware there is no need for promises between the call and its answer.
    if (this.#wrapped) settle(this.handler, call, sink)
    else this.#endpoint.begin(call, sink)
  }
}

/** Calls to a handler that is at hand: a peer's, or a server's in the same process. */
export class HandlerRoute implements Route {
  readonly codec: Codec
  readonly shared: undefined = undefined
  readonly #handler: Handler

  constructor(handler: Handler, codec: Codec) {
    this.#handler = handler
    this.codec = codec
  }

  begin(call: ClientCall, sink: ReplySink): void {
    settle(this.#handler, call, sink)
  }
}

function settle(handler: Handler, call: ClientCall, sink: ReplySink): void {
  const failed = (error: unknown) => sink.failed(RpcError.from(error))
  try {
    const reply = handler(call)
    if (reply instanceof Promise) reply.then((reply) => sink.replied(reply), failed)
    else sink.replied(reply)
  } catch (error) {
    failed(error)
  }
}
