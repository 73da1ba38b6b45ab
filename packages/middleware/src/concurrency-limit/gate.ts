import type { Call, Clock, Handler, Limits, Reply } from '@hawser/contract'
import { isPromise } from '../outcome.js'
import { watched } from '../watched-feed.js'
import { CallQueue } from './call-queue.js'

/** Who waits, and who does not. */
export interface QueueOptions {
  /** Which calls may have the last fifth of the queue. Default: none. */
  readonly urgent?: ((call: Call) => boolean) | undefined
}

/** How many may run. */
export interface Places {
  readonly limit: number
  /**
   * A call has ended.
   * @param running how many ran when it did, itself included
   * @param answered with one message
   */
  ended(startedAt: number, now: number, running: number, answered: boolean): void
}

/** What a {@link Gate} works with. */
export interface GateParts extends QueueOptions {
  readonly clock: Clock
  readonly limits: Limits
}

/** Lets calls in to a handler as long as there are places, and others as places become free. */
export class Gate {
  readonly #next: Handler
  readonly #places: Places
  readonly #clock: Clock
  readonly #queue: CallQueue
  #running = 0
  #admitting = false

  constructor(next: Handler, places: Places, { clock, limits, urgent }: GateParts) {
    this.#next = next
    this.#places = places
    this.#clock = clock
    this.#queue = new CallQueue(clock, limits, urgent)
  }

  readonly handler: Handler = (call) => {
    if (this.#queue.size === 0 && this.#running < this.#places.limit) {
      this.#queue.passed()
      return this.#run(call)
    }
    return new Promise((replied, failed) => {
      const enter = () => {
        try {
          replied(this.#run(call))
        } catch (error) {
          failed(error)
        }
      }
      this.#queue.add(call, { enter, refused: failed })
    })
  }

  #run(call: Call): Reply | Promise<Reply> {
    this.#running++
    const startedAt = this.#clock.now()
    let reply: Reply | Promise<Reply>
    try {
      reply = this.#next(call)
    } catch (error) {
      this.#ended(startedAt, false)
      throw error
    }
    if (!isPromise(reply)) return this.#replied(call, reply, startedAt)
    return reply.then(
      (reply) => this.#replied(call, reply, startedAt),
      (error) => {
        this.#ended(startedAt, false)
        throw error
      },
    )
  }

  #replied(call: Call, reply: Reply, startedAt: number): Reply {
    if (!reply?.output || reply.output instanceof Uint8Array) {
      this.#ended(startedAt, true)
      return reply
    }
    const ended = () => this.#ended(startedAt, false)
    return { ...reply, output: watched(reply.output, call, { ended }) }
  }

  #ended(startedAt: number, answered: boolean): void {
    this.#places.ended(startedAt, this.#clock.now(), this.#running, answered)
    this.#running--
    // A call that is let in may end at once: this is a loop, not a recursion.
    if (this.#admitting || this.#queue.size === 0) return
    this.#admitting = true
    while (this.#running < this.#places.limit) {
      const entry = this.#queue.take()
      if (!entry) break
      entry.enter()
    }
    this.#admitting = false
  }
}
