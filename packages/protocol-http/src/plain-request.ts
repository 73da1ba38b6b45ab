import { IncomingMessage } from 'node:http'

/** Takes the body of a request, piece by piece. */
export interface BodySink {
  piece(bytes: Uint8Array): void
  /** All of it has come. */
  ended(): void
}

// What is held for a reader that has not come yet, before the connection is read no further.
const heldBytes = 16 * 1024

/**
 * A request whose body goes from the parser straight to its reader. As a stream it would pass a queue, events and several ticks,
 * which cost more than all else that is done for a short call; they are most of it while calls are followed by async hooks.
 */
export class PlainRequest extends IncomingMessage {
  #sink: BodySink | undefined
  #early: Uint8Array[] | undefined
  #held = 0
  #stopped = false

  /** Hands on what has come, and whatever still comes. To be called once at the most. */
  consume(sink: BodySink): void {
    this.#sink = sink
    const early = this.#early
    this.#early = undefined
    if (early) for (const piece of early) sink.piece(piece)
    if (this.complete) sink.ended()
    else this.resume()
  }

  /** For the parser. False: read no further. */
  override push(piece: Uint8Array | null): boolean {
    if (piece === null) this.#sink?.ended()
    else if (this.#sink) this.#sink.piece(piece)
    else {
      this.#early ??= []
      this.#early.push(piece)
      this.#held += piece.length
      this.#stopped = this.#held > heldBytes
    }
    return !this.#stopped
  }

  /** Reads on, if only for the next request. */
  override resume(): this {
    if (this.#stopped) {
      this.#stopped = false
      // Where the parser's side of a stream begins to read again.
      this._read(0)
    }
    return this
  }
}

// There is no queue that something could be left in. Said by a property, since types know no accessor of that name.
Object.defineProperty(PlainRequest.prototype, 'readableEnded', {
  get(this: PlainRequest) {
    return this.complete
  },
})
