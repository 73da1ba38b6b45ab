import type { Call, CancelListener, Reply, ReplySink, RpcError } from '@hawser/contract'
import type { Endpoint } from './endpoint.js'

/** One call on its way: waiting for a connection, sent, and sent again where that is safe. */
export class Delivery implements ReplySink, CancelListener {
  readonly call: Call
  readonly #endpoint: Endpoint
  readonly #sink: ReplySink
  #attempts = 0
  #timer: unknown

  constructor(endpoint: Endpoint, call: Call, sink: ReplySink) {
    this.#endpoint = endpoint
    this.call = call
    this.#sink = sink
  }

  replied(reply: Reply): void {
    this.#sink.replied(reply)
  }

  failed(error: RpcError): void {
    this.#attempts++
    const { call } = this
    // A stream that has begun to flow cannot be sent from its start again.
    const replayable = call.input instanceof Uint8Array && !call.cancelReason
    const waitMs = replayable
      ? this.#endpoint.retries.wait(error, this.#attempts, call.idempotent === true)
      : undefined
    if (waitMs === undefined) this.#sink.failed(error)
    else if (waitMs === 0) this.#endpoint.attempt(this)
    else if (this.#endpoint.runtime.clock.now() + waitMs >= call.deadline) this.#sink.failed(error)
    else this.#later(waitMs)
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
    this.#sink.failed(reason.with({ executed: this.#attempts === 0 ? 'no' : reason.executed }))
  }

  #later(waitMs: number): void {
    this.call.onCancel(this)
    this.#timer = this.#endpoint.runtime.clock.timer(waitMs, () => {
      this.call.offCancel(this)
      this.#endpoint.attempt(this)
    })
  }
}
