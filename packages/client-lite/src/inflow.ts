import type { RpcError } from '@hawser/contract'
import { fault } from './fault.js'
import { initialCredit, itemOverhead } from './kind.js'

/** What a stream of answers needs of its call. */
export interface InflowOwner {
  /** An item is asked for. */
  begin(): void
  /** @throws for bytes that are no value */
  read(bytes: Uint8Array): unknown
  /** The sender may send so many bytes more. */
  grant(bytes: number): void
  /** Nothing more is wanted: the consumer stopped, or the sender broke the rules. */
  stop(reason?: RpcError): void
}

interface Asked {
  resolve(result: IteratorResult<unknown, undefined>): void
  reject(error: unknown): void
}

/**
 * The receiving end of a stream, as its consumer reads it: a queue bounded by the credit granted to the sender, who is granted
 * more when half of the window has been consumed. It can be iterated once.
 */
export class Inflow implements AsyncIterableIterator<unknown, undefined>, AsyncDisposable {
  readonly #owner: InflowOwner
  readonly #window: number
  #items: Uint8Array[] = []
  #asked: Asked[] = []
  #over = false
  #error: unknown
  #credit = initialCredit
  #consumed: number

  constructor(owner: InflowOwner, window: number) {
    this.#owner = owner
    this.#window = window
    // A window beyond the initial credit is granted with the first consumption.
    this.#consumed = Math.max(0, window - initialCredit)
  }

  /** An item came. False for one that not even its credit explains, of a stream that is over. */
  push(item: Uint8Array): boolean {
    const credited = this.#credit > 0
    this.#credit -= item.length + itemOverhead
    if (this.#over) return credited
    if (credited) {
      this.#items.push(item)
      this.#serve()
    } else this.#owner.stop(fault('resource_exhausted', 'overloaded', 'An item beyond the credit'))
    return true
  }

  /** No more items come. Those that came before are delivered, then the error, if any. */
  end(error?: unknown): void {
    if (this.#over) return
    this.#over = true
    this.#error = error
    this.#serve()
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ resolve, reject })
      if (!this.#over) this.#owner.begin()
      this.#serve()
    })
  }

  return(): Promise<IteratorResult<unknown, undefined>> {
    this.#items = []
    this.#error = undefined
    if (!this.#over) {
      this.end()
      this.#owner.stop()
    }
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  #serve(): void {
    while (this.#asked.length > 0) {
      const item = this.#items.shift()
      if (!item && !this.#over) return
      const { resolve, reject } = this.#asked.shift()!
      if (item) {
        this.#consume(item.length + itemOverhead)
        try {
          resolve({ done: false, value: this.#owner.read(item) })
        } catch (error) {
          reject(error)
          void this.return()
        }
      } else if (this.#error) {
        reject(this.#error)
        this.#error = undefined
      } else resolve({ done: true, value: undefined })
    }
  }

  #consume(cost: number): void {
    this.#consumed += cost
    if (this.#over || this.#consumed * 2 < this.#window) return
    const bytes = this.#consumed
    this.#consumed = 0
    this.#credit += bytes
    this.#owner.grant(bytes)
  }
}
