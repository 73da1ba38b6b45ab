import type { Call, Reply, ReplySink, RpcError } from '@hawser/contract'
import type { Runtime } from '@hawser/wire'
import type { CallSink } from './caller.js'
import { CountedItems } from './counted-items.js'
import { Delivery, type Dispatcher } from './delivery.js'
import type { Member } from './member.js'

/** One call at one member of a group: what the member is judged by. */
export class Attempt implements ReplySink {
  readonly #dispatcher: Dispatcher
  readonly #member: Member
  readonly #call: Call
  readonly #sink: CallSink | Delivery
  readonly #began: number

  constructor(dispatcher: Dispatcher, member: Member, call: Call, sink: CallSink | Delivery, now: number) {
    this.#dispatcher = dispatcher
    this.#member = member
    this.#call = call
    this.#sink = sink
    this.#began = now
  }

  replied(reply: Reply): void {
    const member = this.#member
    const now = turnOf(this.#dispatcher)
    const { output } = reply
    member.answered(now - this.#began, now)
    if (output instanceof Uint8Array) {
      member.ended()
      this.#sink.replied(reply)
    } else {
      const counted = new CountedItems(output, this.#call, () => member.ended())
      this.#sink.replied({ ...reply, output: counted })
    }
  }

  failed(error: RpcError): void {
    const now = turnOf(this.#dispatcher)
    this.#member.failed(error, now - this.#began, now)
    this.#member.ended()
    const sink = this.#sink
    const delivery = sink instanceof Delivery ? sink : new Delivery(this.#dispatcher, this.#call, sink)
    delivery.last = this.#member
    delivery.failed(error)
  }
}

function turnOf({ runtime }: { readonly runtime: Runtime }): number {
  return runtime.turn.now()
}
