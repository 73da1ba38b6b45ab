import type { Codec } from '@hawser/contract'

/** A caller's items in a codec. As long as `begun` is false they can still be laid out in another one, or sent elsewhere. */
export class ItemsInput implements AsyncIterable<Uint8Array> {
  begun = false
  readonly #items: AsyncIterable<unknown> | Iterable<unknown>
  readonly #codec: Codec

  constructor(items: AsyncIterable<unknown> | Iterable<unknown>, codec: Codec) {
    this.#items = items
    this.#codec = codec
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    this.begun = true
    for await (const item of this.#items) yield this.#codec.encode(item)
  }
}
