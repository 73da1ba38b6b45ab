import type { Feed, Flow, Outlet, RpcError } from '@hawser/contract'

interface Asked {
  resolve(result: IteratorResult<Uint8Array, undefined>): void
  reject(error: unknown): void
}

const finished: IteratorResult<Uint8Array, undefined> = { done: true, value: undefined }

/** A feed as an iterator: an outlet that is full unless somebody waits for an item. */
export class Iterated implements AsyncIterator<Uint8Array, undefined>, Outlet {
  readonly #flow: Flow
  #asked: Asked[] = []
  #over = false
  #error: RpcError | undefined

  constructor(feed: Feed) {
    this.#flow = feed.flow(this)
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#over) {
      const error = this.#error
      this.#error = undefined
      return error ? Promise.reject(error) : Promise.resolve(finished)
    }
    return new Promise((resolve, reject) => {
      this.#asked.push({ resolve, reject })
      this.#flow.resume()
    })
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.ended()
    this.#error = undefined
    this.#flow.stop()
    return Promise.resolve(finished)
  }

  item(bytes: Uint8Array): boolean {
    this.#asked.shift()?.resolve({ done: false, value: bytes })
    return this.#asked.length > 0
  }

  ended(): void {
    this.#over = true
    for (const { resolve } of this.#asked.splice(0)) resolve(finished)
  }

  failed(error: RpcError): void {
    this.#over = true
    const [first, ...others] = this.#asked.splice(0)
    if (first) first.reject(error)
    else this.#error = error
    for (const { resolve } of others) resolve(finished)
  }
}
