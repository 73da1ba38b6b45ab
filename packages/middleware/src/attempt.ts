import {
  type Body,
  type Call,
  type CallKind,
  type CancelListener,
  type Handler,
  type Headers,
  type Peer,
  type Reply,
  RpcError,
  type Timers,
} from '@hawser/contract'
import { CallScope, deadlineError, GuardedItems } from '@hawser/wire'
import { discard, isPromise } from './outcome.js'
import { WatchedItems } from './watched-items.js'

/**
 * A call made anew inside another one: it ends with that, or before, by a deadline or a cancellation of its own. Its
 * deadline ends it whatever the handler does; when the outer call is cancelled it is for the handler to end, so that
 * whoever counts calls under way counts what really runs.
 */
export class Attempt extends CallScope implements Call, CancelListener {
  readonly outer: Call
  readonly #timers: Timers
  #input: Body | undefined
  #late: ((error: RpcError) => void) | undefined
  #replied = false

  /** @param deadline holds where it is earlier than the outer call's */
  constructor(outer: Call, deadline: number, timers: Timers, input?: Body) {
    super(Math.min(outer.deadline, deadline))
    this.outer = outer
    this.#timers = timers
    this.#input = input
  }

  get method(): string {
    return this.outer.method
  }
  get kind(): CallKind {
    return this.outer.kind
  }
  get codec(): string {
    return this.outer.codec
  }
  get headers(): Headers {
    return this.outer.headers
  }
  get connection(): Peer | undefined {
    return this.outer.connection
  }
  get input(): Body {
    return this.#input ?? this.outer.input
  }
  get probe(): boolean {
    return this.outer.probe
  }
  get idempotent(): boolean | undefined {
    return this.outer.idempotent
  }

  /**
   * Hands the call on. To be called once.
   * @throws RpcError what the handler throws, or `deadline_exceeded`, which says whether the handler is known to have run
   */
  run(next: Handler): Reply | Promise<Reply> {
    if (this.outer.cancelReason) throw RpcError.from(this.outer.cancelReason).with({ executed: 'no' })
    const { clock } = this.#timers
    if (this.deadline !== Infinity && this.deadline <= clock.now()) throw deadlineError('no')
    const reply = next(this)
    if (isPromise(reply)) {
      this.#tie()
      return this.#settled(reply)
    }
    if (reply.output instanceof Uint8Array) return reply
    this.#tie()
    return this.#streaming(reply)
  }

  /** The outer call is cancelled. */
  cancelled(reason: Error): void {
    this.cancel(RpcError.from(reason))
  }

  override expire(): void {
    const error = deadlineError(this.#replied ? 'yes' : 'maybe')
    this.cancel(error)
    const late = this.#late
    // Those who know more of the call are told as well, and go first: whether it was run, for one.
    if (late) this.#timers.clock.soon(() => late(error))
  }

  #settled(reply: Promise<Reply>): Promise<Reply> {
    return new Promise((replied, failed) => {
      let over = false
      const fail = (error: unknown) => {
        over = true
        this.#untie()
        failed(error)
      }
      this.#late = fail
      reply.then(
        (reply) => {
          this.#late = undefined
          if (over) discard(reply)
          else if (this.#expired) {
            discard(reply)
            fail(deadlineError('yes'))
          } else if (reply?.output && !(reply.output instanceof Uint8Array)) replied(this.#streaming(reply))
          else {
            this.#untie()
            replied(reply)
          }
        },
        (error) => {
          if (over) return
          this.#late = undefined
          fail(this.#expired ? deadlineError(RpcError.from(error).executed) : error)
        },
      )
    })
  }

  #streaming(reply: Reply): Reply {
    this.#replied = true
    const items = new GuardedItems(reply.output as AsyncIterable<Uint8Array>, this)
    return { ...reply, output: new WatchedItems(items, this, { ended: () => this.#untie() }) }
  }

  get #expired(): boolean {
    return this.cancelReason?.reason === 'deadline' && !this.outer.cancelReason
  }

  #tie(): void {
    // Who made the outer call sees to its deadline.
    if (this.deadline < this.outer.deadline) this.#timers.add(this, this.deadline)
    this.outer.onCancel(this)
  }

  #untie(): void {
    this.#timers.remove(this)
    this.outer.offCancel(this)
  }
}
