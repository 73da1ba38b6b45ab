import type { Call, CancelListener, Reply, ReplySink, RpcError } from '@hawser/contract'
import type { CallSink } from './caller.js'
import type { Endpoint } from './endpoint.js'
import { replayable } from './items-input.js'

/** A call that did not simply go out and come back: it waits for a connection, or is sent again where that is safe. */
export class Delivery implements ReplySink, CancelListener {
  readonly call: Call
  readonly #endpoint: Endpoint
  readonly #sink: CallSink
  #attempts: number
  #timer: unknown

  /** @param attempts made so far */
  constructor(endpoint: Endpoint, call: Call, sink: CallSink, attempts: number) {
    this.#endpoint = endpoint
    this.call = call
    this.#sink = sink
    this.#attempts = attempts
  }

  replied(reply: Reply): void {
    this.#sink.replied(reply)
  }

  failed(error: RpcError): void {
    if (!this.again(error)) this.giveUp(error)
  }

  /** No further attempt can be made. */
  giveUp(error: RpcError): void {
    this.#sink.gaveUp(error)
  }

  /** After a failed attempt: true where another one is made, now or later. */
  again(error: RpcError): boolean {
    this.#attempts++
    const { call } = this
    // A stream that has begun to flow cannot be sent from its start again.
    if (call.cancelReason || !replayable(call)) return false
    const waitMs = this.#endpoint.retries.wait(error, this.#attempts, call.idempotent === true)
    if (waitMs === undefined || this.#endpoint.runtime.clock.now() + waitMs >= call.deadline) return false
    if (waitMs === 0) this.#endpoint.attempt(this)
    else this.#later(waitMs)
    return true
  }

  /** It waits for a connection. */
  waits(): void {
    this.call.onCancel(this)
  }

  /** It waits no more. */
  goes(): void {
    this.call.offCancel(this)
  }

  /** The call is over before it was sent. */
  cancelled(reason: RpcError): void {
    this.#endpoint.forget(this)
    this.#endpoint.runtime.clock.clear(this.#timer)
    this.call.offCancel(this)
    this.giveUp(reason.with({ executed: this.#attempts === 0 ? 'no' : reason.executed }))
  }

  #later(waitMs: number): void {
    this.call.onCancel(this)
    this.#timer = this.#endpoint.runtime.clock.timer(waitMs, () => {
      this.call.offCancel(this)
      this.#endpoint.attempt(this)
    })
  }
}
