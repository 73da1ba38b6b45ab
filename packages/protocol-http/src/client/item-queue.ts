import type { RpcError } from '@hawser/contract'

/** What an {@link ItemQueue} gets its items from. */
export interface ItemSource {
  /** No more for now. */
  pause(): void
  resume(): void
  /** Nothing more is wanted. */
  stop(): void
}

interface Waiter {
  readonly resolve: (result: IteratorResult<Uint8Array, undefined>) => void
  readonly reject: (reason: unknown) => void
}

const finished: IteratorResult<Uint8Array, undefined> = { done: true, value: undefined }
// What an item is counted as besides its bytes, so that empty ones have a limit as well.
const overhead = 64

/** The items of an answer, consumed as an async iterable: a consumer that is slow has the source wait. */
export class ItemQueue implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined> {
  readonly #source: ItemSource
  readonly #window: number
  #items: Uint8Array[] = []
  #first = 0
  #bytes = 0
  #paused = false
  #waiters: Waiter[] = []
  #state: 'open' | 'ended' | 'stopped' = 'open'
  #error: RpcError | undefined

  /** @param window bytes that may wait */
  constructor(source: ItemSource, window: number) {
    this.#source = source
    this.#window = window
  }

  get open(): boolean {
    return this.#state === 'open'
  }

  push(item: Uint8Array): void {
    if (!this.open) return
    const waiter = this.#waiters.shift()
    if (waiter) {
      waiter.resolve({ done: false, value: item })
      return
    }
    this.#items.push(item)
    this.#bytes += item.length + overhead
    if (this.#paused || this.#bytes < this.#window) return
    this.#paused = true
    this.#source.pause()
  }

  end(): void {
    if (!this.open) return
    this.#state = 'ended'
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(finished)
  }

  /** Items that came before are still delivered, then the error. */
  fail(error: RpcError): void {
    if (!this.open) return
    this.#state = 'ended'
    const [first, ...others] = this.#waiters.splice(0)
    if (first) first.reject(error)
    else this.#error = error
    for (const waiter of others) waiter.resolve(finished)
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#first < this.#items.length) return Promise.resolve({ done: false, value: this.#shift() })
    const error = this.#error
    this.#error = undefined
    if (error) return Promise.reject(error)
    if (!this.open) return Promise.resolve(finished)
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject })
    })
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    const { open } = this
    this.#state = 'stopped'
    this.#items = []
    this.#first = 0
    this.#error = undefined
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(finished)
    if (open) this.#source.stop()
    return Promise.resolve(finished)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #shift(): Uint8Array {
    const item = this.#items[this.#first]!
    this.#items[this.#first++] = nothing
    this.#bytes -= item.length + overhead
    if (this.#first === this.#items.length) {
      this.#items = []
      this.#first = 0
    }
    if (this.#paused && this.#bytes * 2 < this.#window) {
      this.#paused = false
      this.#source.resume()
    }
    return item
  }
}

const nothing = new Uint8Array(0)
