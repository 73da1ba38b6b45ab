import type { Call, CancelListener } from '@hawser/contract'

/** Is told what becomes of the items of a call. */
export interface ItemsWatcher {
  item?(bytes: Uint8Array): void
  /** They have come to their end, once, and their source has, too. @param error undefined for a good end, and for readers that left */
  ended(error: unknown): void
}

const finished: IteratorResult<Uint8Array, undefined> = { done: true, value: undefined }

/** Items of a call, as they are, and somebody who watches them. */
export class WatchedItems
  implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined>, CancelListener
{
  readonly #items: AsyncIterable<Uint8Array>
  readonly #call: Call
  readonly #watcher: ItemsWatcher
  #source: AsyncIterator<Uint8Array> | undefined
  #done = false

  constructor(items: AsyncIterable<Uint8Array>, call: Call, watcher: ItemsWatcher) {
    this.#items = items
    this.#call = call
    this.#watcher = watcher
    call.onCancel(this)
  }

  [Symbol.asyncIterator](): this {
    if (!this.#source) {
      this.#source = this.#items[Symbol.asyncIterator]()
      this.#call.offCancel(this)
    }
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#done) return finished
    try {
      const result = await this.#source!.next()
      if (result.done) this.#end(undefined)
      else this.#watcher.item?.(result.value)
      return result.done ? finished : result
    } catch (error) {
      this.#end(error)
      throw error
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      await this.#source?.return?.()
    } finally {
      this.#end(undefined)
    }
    return finished
  }

  /** Of a call that is cancelled before somebody reads them, items may never be read: nothing runs that could end. */
  cancelled(reason: Error): void {
    if (!this.#source) this.#end(reason)
  }

  /** Somebody else sees to them. */
  handedOn(): void {
    this.#done = true
    this.#call.offCancel(this)
  }

  #end(error: unknown): void {
    if (this.#done) return
    this.#done = true
    this.#watcher.ended(error)
  }
}
