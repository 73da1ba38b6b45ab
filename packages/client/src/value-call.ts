import { type Body, type Codec, type Reply, RpcError } from '@hawser/contract'
import { arm, type Calling, type CallSink, disarm, type PromiseKind, type Route } from './caller.js'
import type { ClientCall } from './client-call.js'
import type { CallOptions } from './options.js'
import { answerOf, errorOf } from './outcome.js'
import { recode } from './recode.js'

/** What is to be called, and how. */
export interface Target {
  readonly route: Route
  readonly calling: Calling
  readonly method: string
}

/** Lays the input of a call out in a codec: anew when the other side turns out not to take the first one. */
export type InputOf = (codec: Codec) => Body

/** Makes a call that is answered with one value. */
export function callForValue(
  target: Target,
  kind: PromiseKind,
  inputOf: InputOf,
  options: CallOptions,
  probe: boolean,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const { route, calling, method } = target
    const { codec } = route
    const call = calling.maker.make(method, kind, codec, inputOf(codec), options, probe)
    const outcome = new ValueOutcome(target, call, codec, inputOf, resolve, reject)
    arm(call, calling)
    route.begin(call, outcome)
  })
}

class ValueOutcome implements CallSink {
  readonly #target: Target
  readonly #call: ClientCall
  readonly #inputOf: InputOf
  readonly #resolve: (value: unknown) => void
  readonly #reject: (error: RpcError) => void
  #codec: Codec
  #recoded = false

  constructor(
    target: Target,
    call: ClientCall,
    codec: Codec,
    inputOf: InputOf,
    resolve: (value: unknown) => void,
    reject: (error: RpcError) => void,
  ) {
    this.#target = target
    this.#call = call
    this.#codec = codec
    this.#inputOf = inputOf
    this.#resolve = resolve
    this.#reject = reject
  }

  replied({ output }: Reply): void {
    disarm(this.#call, this.#target.calling)
    try {
      if (!(output instanceof Uint8Array)) throw new RpcError('internal', 'Items came instead of one answer')
      this.#resolve(answerOf(this.#codec, output))
    } catch (error) {
      this.#reject(error as RpcError)
    }
  }

  failed(error: RpcError): void {
    if (!this.#target.route.recover(this.#call, error, this)) this.gaveUp(error)
  }

  gaveUp(error: RpcError): void {
    if (error.reason === 'no_codec' && this.#recode()) return
    disarm(this.#call, this.#target.calling)
    this.#reject(errorOf(this.#codec, error))
  }

  #recode(): boolean {
    if (this.#recoded) return false
    const codec = recode(this.#target, this.#call, this.#codec, this.#inputOf)
    if (!codec) return false
    this.#recoded = true
    this.#codec = codec
    this.#target.route.begin(this.#call, this)
    return true
  }
}
