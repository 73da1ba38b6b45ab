import type { Call, CancelListener, Reply, ReplySink, RpcError } from '@hawser/contract'
import type { Layouts } from './layout.js'
import type { Pool } from './pool.js'
import type { HeadParts } from './request-head.js'

/** What the calls of a session share. */
export interface Calling {
  readonly pool: Pool
  readonly layouts: Layouts
  readonly head: HeadParts
  /** Bytes of items that wait for their consumer. */
  readonly window: number
  readonly receiveBytes: number
  readonly handshakeMs: number
  /** A call is over, with all of its items. */
  released(entry: CallEntry): void
}

/** One call of this side's: its sink is told once; it is over when nothing of it is under way any more. */
export abstract class CallEntry implements CancelListener {
  readonly call: Call
  protected readonly calling: Calling
  readonly #sink: ReplySink
  #settled = false
  #over = false

  constructor(calling: Calling, call: Call, sink: ReplySink) {
    this.calling = calling
    this.call = call
    this.#sink = sink
  }

  /** Makes the request. What it throws is what the call fails with. */
  abstract send(): void
  /** Takes down what is under way. */
  protected abstract stop(reason: RpcError): void

  get settled(): boolean {
    return this.#settled
  }

  get over(): boolean {
    return this.#over
  }

  cancelled(reason: RpcError): void {
    this.fail(reason)
  }

  /** It fails, if it has not been answered; what is under way is taken down. */
  fail(error: RpcError): void {
    if (this.#over) return
    this.stop(error)
    this.failed(error)
    this.release()
  }

  protected replied(reply: Reply): void {
    if (this.#settled) return
    this.#settled = true
    this.#sink.replied(reply)
  }

  protected failed(error: RpcError): void {
    if (this.#settled) return
    this.#settled = true
    this.#sink.failed(error)
  }

  protected release(): void {
    if (this.#over) return
    this.#over = true
    this.call.offCancel(this)
    this.calling.released(this)
  }
}
