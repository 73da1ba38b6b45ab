import {
  type Call,
  type CancelListener,
  type Clock,
  type Handler,
  type Reply,
  RpcError,
} from '@hawser/contract'
import { GuardedItems } from '@hawser/wire'
import type { CallSink } from './caller.js'

const nothing = new Uint8Array(0)

/**
 * A call handed to a function at hand, which may be anybody's: whatever that does, or never does, the call settles once,
 * and not after it is cancelled.
 */
export class Settlement implements CancelListener {
  readonly #call: Call
  readonly #sink: CallSink
  readonly #clock: Clock
  readonly #among: { delete(call: Call): void } | undefined
  #done = false

  /** @param among taken out of here when it has settled */
  constructor(call: Call, sink: CallSink, clock: Clock, among?: { delete(call: Call): void }) {
    this.#call = call
    this.#sink = sink
    this.#clock = clock
    this.#among = among
  }

  run(handler: Handler): void {
    const call = this.#call
    call.onCancel(this)
    if (call.cancelReason) {
      this.#failed(RpcError.from(call.cancelReason).with({ executed: 'no' }))
      return
    }
    try {
      const reply = handler(call)
      if (isPromise(reply))
        reply.then(
          (reply) => this.#replied(reply),
          (error) => this.#failed(RpcError.from(error)),
        )
      else this.#replied(reply)
    } catch (error) {
      this.#failed(RpcError.from(error))
    }
    // Nobody waits for the answer to it, here as across a connection.
    if (call.kind === 'oneway') this.#replied({ output: nothing })
  }

  cancelled(reason: Error): void {
    // Those who know more of the call are told as well, and go first: whether it was run, for one.
    this.#clock.soon(() => this.#failed(RpcError.from(reason)))
  }

  #replied(reply: Reply): void {
    let guarded: Reply
    try {
      const { output } = reply
      if (!output) throw new TypeError('The handler answered with nothing')
      guarded =
        output instanceof Uint8Array ? reply : { ...reply, output: new GuardedItems(output, this.#call) }
    } catch (error) {
      this.#failed(RpcError.from(error))
      return
    }
    if (!this.#done) {
      this.#end()
      this.#sink.replied(guarded)
    } else if (guarded.output instanceof GuardedItems) void guarded.output.return()
  }

  #failed(error: RpcError): void {
    if (this.#done) return
    this.#end()
    this.#sink.gaveUp(error)
  }

  #end(): void {
    this.#done = true
    this.#call.offCancel(this)
    this.#among?.delete(this.#call)
  }
}

function isPromise(value: Reply | Promise<Reply>): value is Promise<Reply> {
  return typeof (value as Promise<Reply> | undefined)?.then === 'function'
}
