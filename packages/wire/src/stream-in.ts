import { RpcError } from '@hawser/contract'
import { initialCredit, itemOverhead } from './frames.js'

/** What an incoming stream needs of its call. */
export interface StreamInOwner {
  /** Grants the sender so many bytes more. */
  grant(bytes: number): void
  /** The consumer stopped early, or the sender broke the rules: nothing more is wanted. */
  stopped(reason: RpcError | undefined): void
}

type Waiter = {
  readonly resolve: (result: IteratorResult<Uint8Array, undefined>) => void
  readonly reject: (reason: unknown) => void
}

const finished: IteratorResult<Uint8Array, undefined> = { done: true, value: undefined }

/**
 * The receiving end of a stream: a queue bounded by the credit granted to the sender, consumed as an async iterable. The
 * sender is granted more when half of the window has been consumed, so a slow consumer stalls this stream alone.
 */
export class StreamIn implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined> {
  readonly #owner: StreamInOwner
  readonly #window: number
  #items: Uint8Array[] = []
  #first = 0
  #waiters: Waiter[] = []
  #state: 'open' | 'ended' | 'stopped' = 'open'
  #error: RpcError | undefined
  // Bytes the sender may still send, as far as it has been told.
  #credit = initialCredit
  // Bytes delivered to the consumer and not granted again yet.
  #consumed: number

  constructor(owner: StreamInOwner, window: number) {
    this.#owner = owner
    this.#window = window
    // A window beyond the initial credit is granted with the first consumption.
    this.#consumed = Math.max(0, window - initialCredit)
  }

  /** An item came. False for one that not even its credit explains, of a stream that is over. */
  push(item: Uint8Array): boolean {
    const cost = item.length + itemOverhead
    const credited = this.#credit > 0
    this.#credit -= cost
    if (this.#state !== 'open') return credited
    if (!credited) {
      const error = new RpcError('resource_exhausted', 'An item came beyond the credit of its stream', {
        reason: 'overloaded',
      })
      this.fail(error)
      this.#owner.stopped(error)
      return true
    }
    const waiter = this.#waiters.shift()
    if (waiter) {
      waiter.resolve({ done: false, value: item })
      this.#consume(cost)
    } else this.#items.push(item)
    return true
  }

  /** The sender is done. */
  end(): void {
    if (this.#state !== 'open') return
    this.#state = 'ended'
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(finished)
  }

  /** The stream broke; items that came before are still delivered, then the error. */
  fail(error: RpcError): void {
    if (this.#state !== 'open') return
    this.#state = 'ended'
    const [first, ...others] = this.#waiters.splice(0)
    if (first) first.reject(error)
    else this.#error = error
    for (const waiter of others) waiter.resolve(finished)
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#first < this.#items.length) {
      const item = this.#items[this.#first]!
      this.#items[this.#first++] = nothing
      if (this.#first === this.#items.length) {
        this.#items = []
        this.#first = 0
      }
      this.#consume(item.length + itemOverhead)
      return Promise.resolve({ done: false, value: item })
    }
    const error = this.#error
    if (error) {
      this.#error = undefined
      return Promise.reject(error)
    }
    if (this.#state !== 'open') return Promise.resolve(finished)
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject })
    })
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    const wasOpen = this.#state === 'open'
    this.#state = 'stopped'
    this.#items = []
    this.#first = 0
    this.#error = undefined
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(finished)
    if (wasOpen) this.#owner.stopped(undefined)
    return Promise.resolve(finished)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #consume(cost: number): void {
    this.#consumed += cost
    if (this.#state !== 'open' || this.#consumed * 2 < this.#window) return
    const bytes = this.#consumed
    this.#consumed = 0
    this.#credit += bytes
    this.#owner.grant(bytes)
  }
}

const nothing = new Uint8Array(0)
