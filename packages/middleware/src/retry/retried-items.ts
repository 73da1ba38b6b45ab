import type { RetriedCall } from './retried-call.js'

const finished: IteratorResult<Uint8Array, undefined> = { done: true, value: undefined }

/** The answers of a call that streams them: of another attempt, as long as none was read of the one before. */
export class RetriedItems implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined> {
  readonly #call: RetriedCall
  #source: AsyncIterator<Uint8Array>
  #flowing = false
  #left = false

  constructor(items: AsyncIterable<Uint8Array>, call: RetriedCall) {
    this.#source = items[Symbol.asyncIterator]()
    this.#call = call
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    while (!this.#flowing && !this.#left) {
      try {
        const first = await this.#source.next()
        this.#flow()
        return first.done ? finished : first
      } catch (error) {
        await this.#call.pause(error)
        const items = await this.#call.items()
        this.#source = items[Symbol.asyncIterator]()
        if (this.#left) await this.#source.return?.()
      }
    }
    if (this.#left) return finished
    const result = await this.#source.next()
    return result.done ? finished : result
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#left = true
    this.#flow()
    await this.#source.return?.()
    return finished
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #flow(): void {
    this.#flowing = true
    this.#call.over()
  }
}
