import { type Call, type CancelListener, type Clock, type Limits, RpcError } from '@hawser/contract'
import { deadlineError } from '@hawser/wire'

/** Who waits in a {@link CallQueue}. One of the two is called, once. */
export interface Waiting {
  enter(): void
  refused(error: RpcError): void
}

/**
 * Calls that wait for a place. A queue takes up bursts; one that does not get empty only makes all calls late, the more the fuller
 * it is. So it is judged, as in CoDel (Nichols and Jacobson, 2012), by the shortest wait of an interval: while that is over the
 * target, only those are let in that wait no longer than the target, and otherwise those that wait no longer than the interval.
 */
export class CallQueue {
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #urgent: ((call: Call) => boolean) | undefined
  readonly #entries = new Set<Entry>()
  #intervalEnd = -Infinity
  #shortestMs = 0
  #standing = false

  constructor(clock: Clock, limits: Limits, urgent: ((call: Call) => boolean) | undefined) {
    this.#clock = clock
    this.#limits = limits
    this.#urgent = urgent
  }

  get size(): number {
    return this.#entries.size
  }

  /** Nobody had to wait. */
  passed(): void {
    this.#shortestMs = 0
    this.#standing = false
  }

  add(call: Call, waiting: Waiting): void {
    const now = this.#clock.now()
    const { serverQueue, overloadShare } = this.#limits
    if (call.cancelReason) waiting.refused(RpcError.from(call.cancelReason).with({ executed: 'no' }))
    else if (call.deadline <= now) waiting.refused(deadlineError('no'))
    else if (this.size >= serverQueue || (this.size >= overloadShare * serverQueue && !this.#urgent?.(call)))
      waiting.refused(this.#refusal('overloaded', 'Too many calls wait already', now))
    else {
      const entry = new Entry(call, waiting, now, this.#entries)
      this.#entries.add(entry)
      call.onCancel(entry)
    }
  }

  /** The next that is not too late; undefined where there is none. */
  take(): Waiting | undefined {
    const now = this.#clock.now()
    for (const entry of this.#entries) {
      entry.leave()
      const waitedMs = now - entry.since
      this.#judge(waitedMs, now)
      const { queueTargetMs, queueIntervalMs } = this.#limits
      if (entry.call.deadline <= now) entry.waiting.refused(deadlineError('no'))
      else if (waitedMs > (this.#standing ? queueTargetMs : queueIntervalMs))
        entry.waiting.refused(
          this.#refusal('queue_timeout', `The call waited for ${Math.round(waitedMs)} ms`, now),
        )
      else return entry.waiting
    }
    return undefined
  }

  // A queue that stands does so until the next interval at the least.
  #refusal(reason: 'overloaded' | 'queue_timeout', message: string, now: number): RpcError {
    const retryAfterMs = this.#standing ? Math.max(0, this.#intervalEnd - now) : undefined
    return new RpcError('resource_exhausted', message, { reason, executed: 'no', retryAfterMs })
  }

  #judge(waitedMs: number, now: number): void {
    if (now < this.#intervalEnd) {
      this.#shortestMs = Math.min(this.#shortestMs, waitedMs)
      return
    }
    this.#standing = this.#shortestMs > this.#limits.queueTargetMs
    this.#shortestMs = waitedMs
    this.#intervalEnd = now + this.#limits.queueIntervalMs
  }
}

class Entry implements CancelListener {
  readonly call: Call
  readonly waiting: Waiting
  readonly since: number
  readonly #entries: Set<Entry>

  constructor(call: Call, waiting: Waiting, since: number, entries: Set<Entry>) {
    this.call = call
    this.waiting = waiting
    this.since = since
    this.#entries = entries
  }

  leave(): void {
    this.#entries.delete(this)
    this.call.offCancel(this)
  }

  cancelled(reason: Error): void {
    this.leave()
    this.waiting.refused(RpcError.from(reason).with({ executed: 'no' }))
  }
}
