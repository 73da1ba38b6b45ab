import { type Call, type Codec, isSpent } from '@hawser/contract'

/** A caller's items in a codec. As long as `begun` is false they can still be laid out in another one, or sent elsewhere. */
export class ItemsInput implements AsyncIterable<Uint8Array> {
  begun = false
  readonly #items: AsyncIterable<unknown> | Iterable<unknown>
  readonly #codec: Codec

  /** @throws TypeError for what cannot be iterated */
  constructor(items: AsyncIterable<unknown> | Iterable<unknown>, codec: Codec) {
    const given: Partial<AsyncIterable<unknown> & Iterable<unknown>> = items ?? {}
    if (!given[Symbol.asyncIterator] && !given[Symbol.iterator])
      throw new TypeError(`A stream of requests is an iterable or async iterable, not ${String(items)}`)
    this.#items = items
    this.#codec = codec
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    this.begun = true
    return encoded(this.#items, this.#codec)
  }
}

/** Can the call be sent (again) from its start? */
export function replayable({ input }: Call): boolean {
  if (input instanceof Uint8Array) return !isSpent(input)
  return input instanceof ItemsInput && !input.begun
}

async function* encoded(
  items: AsyncIterable<unknown> | Iterable<unknown>,
  codec: Codec,
): AsyncGenerator<Uint8Array> {
  for await (const item of items) yield codec.encode(item)
}
