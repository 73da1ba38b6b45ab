import { type Call, type CancelListener, type Reply, type ReplySink, RpcError } from '@hawser/contract'
import type { Runtime } from '@hawser/wire'
import type { CallSink } from './caller.js'
import { replayable } from './items-input.js'
import type { Member } from './member.js'
import type { RetryPolicy } from './retry.js'

/** Who makes the attempts of a delivery: the endpoint of one address, or a group of them. */
export interface Dispatcher {
  /** What is told to be out of reach. */
  readonly name: string
  readonly runtime: Runtime
  readonly retries: RetryPolicy
  /** One more attempt. */
  attempt(delivery: Delivery): void
  /** This one lets some time pass before its next attempt. */
  pauses(delivery: Delivery): void
  /** This one waits no more. */
  forget(delivery: Delivery): void
}

/** A call that did not simply go out and come back: it waits for a connection, or is sent again where that is safe. */
export class Delivery implements ReplySink, CancelListener {
  readonly call: Call
  /** Of a group: whose attempt was the last one, and failed. */
  last: Member | undefined
  readonly #dispatcher: Dispatcher
  readonly #sink: CallSink
  #attempts = 0
  #dials = 0
  // May one of the attempts have run the handler? Then no later error can say that nothing was run.
  #mayHaveRun = false
  #waiting = false
  #timer: unknown

  constructor(dispatcher: Dispatcher, call: Call, sink: CallSink) {
    this.#dispatcher = dispatcher
    this.call = call
    this.#sink = sink
  }

  replied(reply: Reply): void {
    this.#sink.replied(reply)
  }

  failed(error: RpcError): void {
    if (!this.again(error)) this.giveUp(error)
  }

  /** No connection could be made for it. */
  unreached(error: RpcError): void {
    this.#dials++
    const { call } = this
    if (!this.#retry(() => this.#dispatcher.retries.waitForServer(error, this.#dials, call)))
      this.giveUp(error)
  }

  /** No further attempt can be made. */
  giveUp(error: RpcError): void {
    const hides = this.#mayHaveRun && error.executed === 'no'
    this.#sink.gaveUp(hides ? error.with({ executed: 'maybe' }) : error)
  }

  /** After a failed attempt: true where another one is made, now or later. */
  again(error: RpcError): boolean {
    this.#attempts++
    this.#mayHaveRun ||= error.executed !== 'no'
    return this.#retry(() => this.#dispatcher.retries.wait(error, this.#attempts, this.call))
  }

  /** It waits for a connection. */
  waits(): void {
    this.#waiting = true
    this.call.onCancel(this)
  }

  /** It waits no more. */
  goes(): void {
    this.#waiting = false
    this.#dispatcher.runtime.clock.clear(this.#timer)
    this.call.offCancel(this)
  }

  /** The call is over while it is with no connection. */
  cancelled(reason: RpcError): void {
    const waited = this.#waiting
    this.#dispatcher.forget(this)
    this.goes()
    // Asked whether somebody is there, and found nobody in all the time there was: that is an answer.
    if (waited && this.call.probe && reason.reason === 'deadline')
      this.giveUp(unreachable(this.#dispatcher.name, 'no connection within the time of the call'))
    else this.giveUp(reason.with({ executed: 'no' }))
  }

  #retry(wait: () => number | undefined): boolean {
    const { call } = this
    // A stream that has begun to flow cannot be sent from its start again.
    if (call.cancelReason || !replayable(call)) return false
    const { clock } = this.#dispatcher.runtime
    const waitMs = wait()
    if (waitMs === undefined || clock.now() + waitMs >= call.deadline) return false
    if (waitMs === 0) this.#dispatcher.attempt(this)
    else {
      call.onCancel(this)
      this.#timer = clock.timer(waitMs, () => this.#dispatcher.attempt(this))
      this.#dispatcher.pauses(this)
    }
    return true
  }
}

/** What a call fails with when no connection could be made for it. */
export function unreachable(address: string, why: string): RpcError {
  return new RpcError('unavailable', `${address} cannot be reached: ${why}`, {
    reason: 'unreachable',
    executed: 'no',
  })
}

/** What a call fails with that is one too many for those that wait. */
export function tooManyWait(): RpcError {
  return new RpcError('resource_exhausted', 'Too many calls wait for a connection', {
    reason: 'overloaded',
    executed: 'no',
    retryable: false,
  })
}
