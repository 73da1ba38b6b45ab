/** An async iterable whose items are made from those of another, one for one; closing it closes the other. */
export function mapItems<A, B>(
  source: AsyncIterable<A> | Iterable<A>,
  map: (item: A) => B,
  mapError?: (error: unknown) => unknown,
): AsyncIterable<B> {
  return { [Symbol.asyncIterator]: () => new MappedItems(iteratorOf(source), map, mapError) }
}

class MappedItems<A, B> implements AsyncIterator<B, undefined> {
  readonly #source: AsyncIterator<A> | Iterator<A>
  readonly #map: (
    result: IteratorResult<A>,
  ) => IteratorResult<B, undefined> | Promise<IteratorResult<B, undefined>>
  readonly #fail: (error: unknown) => never

  constructor(
    source: AsyncIterator<A> | Iterator<A>,
    map: (item: A) => B,
    mapError: ((error: unknown) => unknown) | undefined,
  ) {
    this.#source = source
    this.#fail = (error) => {
      throw mapError ? mapError(error) : error
    }
    this.#map = (result) => {
      if (result.done) return { done: true, value: undefined }
      try {
        return { done: false, value: map(result.value) }
      } catch (error) {
        return this.#reject(error)
      }
    }
  }

  async next(): Promise<IteratorResult<B, undefined>> {
    let result: IteratorResult<A> | Promise<IteratorResult<A>>
    try {
      result = this.#source.next()
      if ('then' in result) result = await result
    } catch (error) {
      return this.#fail(error)
    }
    return this.#map(result)
  }

  async return(): Promise<IteratorResult<B, undefined>> {
    await this.#source.return?.()
    return { done: true, value: undefined }
  }

  // An item that cannot be mapped ends the whole: its source must not be left open.
  async #reject(error: unknown): Promise<never> {
    await this.return().catch(() => undefined)
    return this.#fail(error)
  }
}

function iteratorOf<T>(source: AsyncIterable<T> | Iterable<T>): AsyncIterator<T> | Iterator<T> {
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
}

/** Can it be iterated, with or without waiting? Text can, but is a value. */
export function isItems(value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> {
  return (
    typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)
  )
}
