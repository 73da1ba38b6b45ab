import type { Call, CancelListener } from '@hawser/contract'

const finished: IteratorResult<Uint8Array, undefined> = { done: true, value: undefined }

/**
 * Items of a call from a source in this process. A connection ends them with their call by itself; here this does: whoever
 * waits for an item of a call that is cancelled is told at once, and the source is closed.
 */
export class GuardedItems
  implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined>, CancelListener
{
  readonly #source: AsyncIterator<Uint8Array>
  readonly #call: Call
  readonly #waiting = new Set<(reason: unknown) => void>()
  #done = false

  constructor(items: AsyncIterable<Uint8Array>, call: Call) {
    this.#source = items[Symbol.asyncIterator]()
    this.#call = call
    call.onCancel(this)
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#done)
      return this.#call.cancelReason ? Promise.reject(this.#call.cancelReason) : Promise.resolve(finished)
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject)
      this.#source.next().then(
        (result) => {
          this.#waiting.delete(reject)
          if (result.done) this.#end()
          resolve(result.done ? finished : result)
        },
        (error) => {
          this.#waiting.delete(reject)
          this.#end()
          reject(error)
        },
      )
    })
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#done) {
      this.#end()
      this.#close()
    }
    return Promise.resolve(finished)
  }

  cancelled(reason: Error): void {
    if (this.#done) return
    this.#end()
    for (const reject of this.#waiting) reject(reason)
    this.#waiting.clear()
    this.#close()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #end(): void {
    this.#done = true
    this.#call.offCancel(this)
  }

  // A source that is in the middle of something closes when it comes to its end, for which nobody waits.
  #close(): void {
    try {
      this.#source.return?.().catch(() => undefined)
    } catch {
      // What a source does on its way out no longer concerns the call.
    }
  }
}
