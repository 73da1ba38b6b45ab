import { type Reply, RpcError } from '@hawser/contract'
import type { CallSink, PromiseKind } from './caller.js'
import { ClientCall, type Encode, type TypedTarget } from './client-call.js'
import type { CallOptions } from './options.js'
import { answerOf, errorOf } from './outcome.js'

/** Makes a call that is answered with one value. */
export function callForValue(
  target: TypedTarget,
  kind: PromiseKind,
  encode: Encode,
  input: unknown,
  options: CallOptions,
  probe: boolean,
): Promise<unknown> {
  try {
    const call = new ValueCall(target, kind, encode, input, options, probe)
    beginning = call
    const promise = new Promise<unknown>(takeFunctions)
    call.tie()
    target.route.begin(call, call)
    return promise
  } catch (error) {
    return Promise.reject(error)
  }
}

// An executor of its own for each promise would be a closure per call; this one is run at once, for the call just made.
let beginning: ValueCall
function takeFunctions(resolve: (value: unknown) => void, reject: (error: Error) => void): void {
  beginning._resolve = resolve
  beginning._reject = reject
}

/** The call and, in the same object, what becomes of it. */
class ValueCall extends ClientCall implements CallSink {
  _resolve!: (value: unknown) => void
  _reject!: (error: Error) => void

  replied({ output }: Reply): void {
    this.untie()
    try {
      if (!(output instanceof Uint8Array)) throw new RpcError('internal', 'Items came instead of one answer')
      // To a question whether the method is there, any reply is a yes: it has no value, which the type may not allow.
      this._resolve(this.probe || answerOf(this.codecs.output, output))
    } catch (error) {
      this._reject(error as RpcError)
    }
  }

  failed(error: RpcError): void {
    if (!this.target.route.recover(this, error, this)) this.gaveUp(error)
  }

  gaveUp(error: RpcError): void {
    const told = this.recode(error)
    if (!told) {
      this.target.route.begin(this, this)
      return
    }
    this.untie()
    this._reject(errorOf(this, told))
  }
}
