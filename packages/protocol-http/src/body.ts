const nothing = new Uint8Array(0)

/** Puts the pieces of a body together, without keeping a thousand small ones, and without a copy where there is but one. */
export class Body {
  length = 0
  #room: Uint8Array = nothing
  #owned = false

  add(piece: Uint8Array): void {
    const length = this.length + piece.length
    if (this.length === 0) this.#room = piece
    else {
      if (!this.#owned || this.#room.length < length) this.#grow(length)
      this.#room.set(piece, this.length)
    }
    this.length = length
  }

  get bytes(): Uint8Array {
    return this.#room.subarray(0, this.length)
  }

  #grow(length: number): void {
    const room = new Uint8Array(length * 2)
    room.set(this.#room.subarray(0, this.length))
    this.#room = room
    this.#owned = true
  }
}

/**
 * The lines of a body of them, each a value. Empty ones say nothing.
 * @param body UTF-8
 */
export async function* linesOf(body: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < body.length; ) {
    const found = body.indexOf(newline, at)
    const end = found < 0 ? body.length : found
    const line = body.subarray(at, end > at && body[end - 1] === carriageReturn ? end - 1 : end)
    if (line.length > 0) yield line
    at = end + 1
  }
}

const newline = 0x0a
const carriageReturn = 0x0d
