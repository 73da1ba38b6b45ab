import { isSpent, type Limits } from '@hawser/contract'

// Many small items must not cost more than they count for.
const itemBytes = 64

/** How much of what was sent may be held for sending it again, of one call and of all together. */
export class ReplayRoom {
  readonly callBytes: number
  readonly #bytes: number
  #held = 0

  constructor({ replayBytes, replayCallBytes }: Limits) {
    this.callBytes = replayCallBytes
    this.#bytes = replayBytes
  }

  get held(): number {
    return this.#held
  }

  take(bytes: number): boolean {
    if (this.#held + bytes > this.#bytes) return false
    this.#held += bytes
    return true
  }

  free(bytes: number): void {
    this.#held -= bytes
  }
}

/** The items a caller sends, from their start as often as they are asked for, as long as there is room to hold them. */
export class ReplayedInput {
  readonly #items: AsyncIterable<Uint8Array>
  readonly #room: ReplayRoom
  #source: AsyncIterator<Uint8Array> | undefined
  #pulling: Promise<void> | undefined
  #held: Uint8Array[] = []
  #heldBytes = 0
  // The number of the first item that is held.
  #base = 0
  #holding = true
  #ended = false
  #error: { readonly thrown: unknown } | undefined
  #reader: Reader | undefined

  constructor(items: AsyncIterable<Uint8Array>, room: ReplayRoom) {
    this.#items = items
    this.#room = room
  }

  /** Can it still be read from its start? */
  get replayable(): boolean {
    return this.#base === 0 && this.#holding && !this.#held.some(isSpent)
  }

  fromStart(): AsyncIterable<Uint8Array> {
    const reader = new Reader(this)
    this.#reader = reader
    return reader
  }

  /** No more reading from the start: nothing is held that was read. */
  commit(): void {
    this.#holding = false
    this.#forget()
    if (this.#reader?.left) this.#close()
  }

  /** The call has failed for good. */
  fail(): void {
    this.commit()
    this.#close()
  }

  // ---- for its readers ----------------------------------------------------------------------------------------

  async at(reader: Reader): Promise<IteratorResult<Uint8Array, undefined>> {
    while (reader.index >= this.#base + this.#held.length) {
      if (this.#error) throw this.#error.thrown
      if (this.#ended || reader !== this.#reader) return { done: true, value: undefined }
      this.#pulling ??= this.#pull()
      await this.#pulling
    }
    const value = this.#held[reader.index++ - this.#base]
    if (!this.#holding) this.#forget()
    return value ? { done: false, value } : { done: true, value: undefined }
  }

  left(reader: Reader): void {
    if (reader === this.#reader && !this.#holding) this.#close()
  }

  async #pull(): Promise<void> {
    try {
      this.#source ??= this.#items[Symbol.asyncIterator]()
      const result = await this.#source.next()
      if (result.done) this.#ended = true
      else this.#hold(result.value)
    } catch (error) {
      this.#error = { thrown: error }
    } finally {
      this.#pulling = undefined
    }
  }

  #hold(item: Uint8Array): void {
    this.#held.push(item)
    if (!this.#holding) return
    const bytes = item.length + itemBytes
    if (this.#heldBytes + bytes <= this.#room.callBytes && this.#room.take(bytes)) this.#heldBytes += bytes
    else {
      this.#holding = false
      this.#forget()
    }
  }

  #forget(): void {
    this.#room.free(this.#heldBytes)
    this.#heldBytes = 0
    const read = (this.#reader?.index ?? this.#base) - this.#base
    if (read <= 0) return
    this.#held.splice(0, read)
    this.#base += read
  }

  #close(): void {
    if (this.#ended || this.#error) return
    this.#ended = true
    // For items that are being made, which end when they are, nobody waits.
    void this.#source?.return?.().catch(() => undefined)
  }
}

/** Reads the items for one attempt. Leaving it leaves the rest to the next one. */
class Reader implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined> {
  readonly #input: ReplayedInput
  index = 0
  left = false

  constructor(input: ReplayedInput) {
    this.#input = input
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    return this.left ? Promise.resolve({ done: true, value: undefined }) : this.#input.at(this)
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.left = true
    this.#input.left(this)
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
