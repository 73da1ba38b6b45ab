import type { Message } from './message.js'

const least = 16

/** Messages that wait for one subscriber, the oldest first. A ring, so that one who never catches up costs no memory anew. */
export class Waiting {
  // As many places as a power of two; none until something waits.
  #ring: (Message | undefined)[] = []
  #first = 0
  count = 0
  /** Bytes of all of them. */
  bytes = 0

  push(item: Message): void {
    if (this.count === this.#ring.length) this.#grow()
    this.#ring[(this.#first + this.count++) & (this.#ring.length - 1)] = item
    this.bytes += item.bytes
  }

  /** Takes the oldest. There must be one. */
  shift(): Message {
    const first = this.#first
    const item = this.#ring[first]!
    this.#ring[first] = undefined
    this.#first = (first + 1) & (this.#ring.length - 1)
    this.bytes -= item.bytes
    // A queue that was long once is not kept for one that hardly ever is.
    if (--this.count === 0 && this.#ring.length > least) this.clear()
    return item
  }

  /** Drops the one behind so many others; there must be one. */
  drop(behind: number): void {
    const ring = this.#ring
    const last = ring.length - 1
    this.bytes -= ring[(this.#first + behind) & last]!.bytes
    // Those before it move up, few as they are; at the end nobody has to.
    if (behind === this.count - 1) ring[(this.#first + behind) & last] = undefined
    else {
      for (let place = behind; place > 0; place--)
        ring[(this.#first + place) & last] = ring[(this.#first + place - 1) & last]
      ring[this.#first] = undefined
      this.#first = (this.#first + 1) & last
    }
    this.count--
  }

  clear(): void {
    this.#ring = []
    this.#first = 0
    this.count = 0
    this.bytes = 0
  }

  #grow(): void {
    const old = this.#ring
    const size = Math.max(least, 2 * old.length)
    const ring = new Array<Message | undefined>(size).fill(undefined)
    for (let place = 0; place < this.count; place++)
      ring[place] = old[(this.#first + place) & (old.length - 1)]
    this.#ring = ring
    this.#first = 0
  }
}
