import type { Call, CancelListener } from '@hawser/contract'

const finished: IteratorResult<Uint8Array, undefined> = { done: true, value: undefined }

/** Items of an answer, and who is told, once, when there are no more, however they end. */
export class CountedItems
  implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined>, CancelListener
{
  readonly #source: AsyncIterator<Uint8Array>
  readonly #call: Call
  readonly #ended: () => void
  #done = false

  constructor(items: AsyncIterable<Uint8Array>, call: Call, ended: () => void) {
    this.#source = items[Symbol.asyncIterator]()
    this.#call = call
    this.#ended = ended
    call.onCancel(this)
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      const result = await this.#source.next()
      if (!result.done) return result
      this.#end()
      return finished
    } catch (error) {
      this.#end()
      throw error
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#end()
    await this.#source.return?.()
    return finished
  }

  cancelled(): void {
    this.#end()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #end(): void {
    if (this.#done) return
    this.#done = true
    this.#call.offCancel(this)
    this.#ended()
  }
}
