import type { Message } from './message.js'

/** Messages that wait for one subscriber, the oldest first. */
export class Waiting {
  #items: (Message | undefined)[] = []
  #first = 0
  /** Bytes of all of them. */
  bytes = 0

  get count(): number {
    return this.#items.length - this.#first
  }

  push(item: Message): void {
    this.#items.push(item)
    this.bytes += item.bytes
  }

  /** Takes the oldest. There must be one. */
  shift(): Message {
    const item = this.#items[this.#first]!
    this.#items[this.#first++] = undefined
    this.bytes -= item.bytes
    // What was taken is let go of in large steps, so that a long queue is not moved with each message.
    if (this.#first === this.#items.length) {
      this.#items = []
      this.#first = 0
    } else if (this.#first >= 1_024) {
      this.#items = this.#items.slice(this.#first)
      this.#first = 0
    }
    return item
  }

  /** Drops the one behind so many others; there must be one. */
  drop(behind: number): void {
    if (behind === 0) this.shift()
    else this.bytes -= this.#items.splice(this.#first + behind, 1)[0]!.bytes
  }

  clear(): void {
    this.#items = []
    this.#first = 0
    this.bytes = 0
  }
}
