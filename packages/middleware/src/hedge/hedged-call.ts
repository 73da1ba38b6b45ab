import { type Call, type Handler, isSpent, type Reply, RpcError, type Timers } from '@hawser/contract'
import { Attempt } from '../attempt.js'
import { discard, handOn } from '../outcome.js'
import type { Latencies } from './latencies.js'

/** What the calls of one hedge have in common. */
export interface HedgeParts {
  readonly timers: Timers
  readonly latencies: Latencies | undefined
  /** May another copy be made? Takes it from the budget. */
  affordable(): boolean
}

/** One call, and up to two copies of it. */
export class HedgedCall {
  readonly #call: Call
  readonly #next: Handler
  readonly #parts: HedgeParts
  readonly #copies: Attempt[] = []
  readonly #failures: RpcError[] = []
  #timer: unknown
  #done = false
  #replied!: (reply: Reply) => void
  #failed!: (error: RpcError) => void

  constructor(call: Call, next: Handler, parts: HedgeParts) {
    this.#call = call
    this.#next = next
    this.#parts = parts
  }

  /** @param waitMs until the second copy; undefined for none */
  reply(waitMs: number | undefined): Promise<Reply> {
    return new Promise((replied, failed) => {
      this.#replied = replied
      this.#failed = failed
      this.#copy()
      if (waitMs === undefined || this.#done || this.#failures.length > 0) return
      this.#timer = this.#parts.timers.clock.timer(waitMs, () => {
        const { cancelReason, input } = this.#call
        // The budget is asked last: what is not made costs it nothing.
        if (!cancelReason && !isSpent(input as Uint8Array) && this.#parts.affordable()) this.#copy()
      })
    })
  }

  #copy(): void {
    const { timers, latencies } = this.#parts
    const copy = new Attempt(this.#call, Infinity, timers)
    this.#copies.push(copy)
    const start = timers.clock.now()
    handOn((call) => (call as Attempt).run(this.#next), copy, {
      replied: (reply) => {
        if (this.#done) {
          discard(reply)
          return
        }
        latencies?.add(timers.clock.now() - start)
        this.#end(copy)
        this.#replied(reply)
      },
      failed: (error) => {
        if (this.#done) return
        this.#failures.push(error)
        // What a handler had to say is an answer. What got lost on the way may yet be made good by the other copy.
        if (error.executed !== 'yes' && this.#failures.length < this.#copies.length) return
        this.#end(copy)
        this.#failed(this.#truth(error))
      },
    })
  }

  #end(winner: Attempt): void {
    this.#done = true
    this.#parts.timers.clock.clear(this.#timer)
    for (const copy of this.#copies)
      if (copy !== winner)
        copy.cancel(
          new RpcError('cancelled', 'Another copy of the call was answered', { reason: 'cancelled' }),
        )
  }

  // That nothing was run can be said only where it is so of every copy.
  #truth(error: RpcError): RpcError {
    const unrun =
      this.#failures.length === this.#copies.length && this.#failures.every((each) => each.executed === 'no')
    return error.executed === 'no' && !unrun ? error.with({ executed: 'maybe' }) : error
  }
}
