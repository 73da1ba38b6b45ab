import type { Clock } from '@hawser/contract'
import { TokenBucket } from './bucket.js'
import type { Link } from './link.js'

/** A call of this side that is over for its caller, and not for the other side. */
export interface CancelledCall {
  readonly id: number
  /** The number of the canonical code that says why. */
  readonly cancelCode: number
}

/**
 * Sends the cancels of one connection no faster than the other side allows, or it would take us for an attacker: at half
 * of what was announced, because a network that stalls delivers what was spread over seconds at once.
 */
export class CancelQueue {
  readonly #link: Link
  readonly #clock: Clock
  readonly #calls = new Set<CancelledCall>()
  #bucket: TokenBucket | undefined
  #timer: unknown

  constructor(link: Link, clock: Clock) {
    this.#link = link
    this.#clock = clock
  }

  add(call: CancelledCall): void {
    this.#calls.add(call)
    if (this.#timer === undefined) this.send()
  }

  /** The call has ended: there is nothing left to cancel. */
  remove(call: CancelledCall): void {
    this.#calls.delete(call)
  }

  /** Sends what may be sent; before the other side's hello that is nothing. */
  send(): void {
    if (!this.#link.greeted || this.#calls.size === 0) return
    const now = this.#clock.now()
    const { cancelBurst, cancelRate } = this.#link.announced
    this.#bucket ??= new TokenBucket(Math.ceil(cancelBurst / 2), cancelRate / 2, now)
    for (const call of this.#calls) {
      if (!this.#bucket.take(now)) break
      this.#calls.delete(call)
      this.#link.cancel(call.id, call.cancelCode)
    }
    this.#clock.clear(this.#timer)
    this.#timer = undefined
    const wait = this.#bucket.wait()
    if (this.#calls.size === 0 || wait === Infinity) return
    this.#timer = this.#clock.timer(wait, () => {
      this.#timer = undefined
      this.send()
    })
  }

  /** Sends nothing more. */
  close(): void {
    this.#calls.clear()
    this.#clock.clear(this.#timer)
  }
}
