// A power of two, of which the highest bits of a hash make a place.
const places = 256
const placeShift = 24
/** Longer texts are rarely the same again. */
export const longestKnown = 64

/**
 * Short texts that came before: names of things, states, tags and currencies come again and again, and to find one takes a
 * fifth of the time of making it. A text is kept when it comes the second time, so that those that never do cost next to
 * nothing.
 */
export class KnownTexts {
  readonly #hashes = new Int32Array(places)
  /** 0 where a hash was seen, but no text is kept. */
  readonly #lengths = new Uint8Array(places)
  readonly #texts: string[] = new Array<string>(places).fill('')
  readonly #bytes = new Uint8Array(places * longestKnown)
  readonly #view = new DataView(this.#bytes.buffer)
  /** Where the text just looked for may be kept; -1 where it should not yet be. */
  place = -1

  /** The text of the bytes, when it is known. From 1 to {@link longestKnown} bytes. */
  find(view: DataView, at: number, length: number): string | undefined {
    const hash = hashOf(view, at, length)
    const place = hash >>> placeShift
    if (this.#hashes[place] !== hash) {
      this.#hashes[place] = hash
      this.#lengths[place] = 0
      this.place = -1
      return undefined
    }
    if (this.#lengths[place] === length && this.#isSame(view, at, length, place * longestKnown))
      return this.#texts[place]
    this.place = place
    return undefined
  }

  #isSame(view: DataView, at: number, length: number, from: number): boolean {
    const known = this.#view
    if (length < 4) {
      for (let i = 0; i < length; i++) if (view.getUint8(at + i) !== known.getUint8(from + i)) return false
      return true
    }
    const last = length - 4
    for (let i = 0; i < last; i += 4) if (view.getInt32(at + i) !== known.getInt32(from + i)) return false
    return view.getInt32(at + last) === known.getInt32(from + last)
  }

  /** Keeps a text at a `place`. */
  keep(place: number, bytes: Uint8Array, at: number, length: number, text: string): void {
    const from = place * longestKnown
    for (let i = 0; i < length; i++) this.#bytes[from + i] = bytes[at + i]!
    this.#lengths[place] = length
    this.#texts[place] = text
  }
}

function hashOf(view: DataView, at: number, length: number): number {
  let hash = length
  if (length < 4) {
    for (let i = 0; i < length; i++) hash = (hash << 8) ^ view.getUint8(at + i)
    return Math.imul(hash, 0x9e37_79b1)
  }
  // The middle too, because keys of things are often the same at both ends.
  hash = Math.imul(hash ^ view.getInt32(at), 0x85eb_ca6b)
  hash = Math.imul((hash ^ (hash >>> 15)) + view.getInt32(at + (length >> 1) - 2), 0xc2b2_ae35)
  return Math.imul((hash ^ (hash >>> 13)) + view.getInt32(at + length - 4), 0x9e37_79b1)
}
