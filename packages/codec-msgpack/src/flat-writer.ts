import { Slab, textRoom, writeText } from '@hawser/codec-base'
import { longestFlat } from './flat-reader.js'

/**
 * Writes what `readFlat` reads: one null, boolean, number or text, or a short array of those. Anything else, and anything
 * wrong, it leaves to the checker and msgpackr, which need a copy of the value and take twice as long.
 */
export class FlatWriter {
  readonly #slab = new Slab()
  readonly #view = new DataView(new ArrayBuffer(8))
  #busy = false

  /** Returns undefined for a value it leaves alone. */
  write(value: unknown, headroom: number): Uint8Array | undefined {
    // An array may be a proxy, whose code may encode in turn.
    if (this.#busy) return undefined
    this.#busy = true
    try {
      if (!Array.isArray(value)) {
        if (typeof value === 'object' && value !== null) return undefined
        this.#slab.open(headroom, 9)
        return this.#scalar(value) ? this.#slab.close() : undefined
      }
      const { length } = value
      if (length > longestFlat) return undefined
      this.#slab.open(headroom, 1)
      this.#slab.bytes[this.#slab.at++] = 0x90 | length
      for (let i = 0; i < length; i++) if (!this.#scalar(value[i])) return undefined
      return this.#slab.close()
    } catch {
      return undefined
    } finally {
      this.#busy = false
    }
  }

  #scalar(value: unknown): boolean {
    const slab = this.#slab
    switch (typeof value) {
      case 'string':
        return this.#text(value)
      case 'number':
        slab.room(9)
        this.#number(value)
        return true
      case 'boolean':
        slab.room(1)
        slab.bytes[slab.at++] = value ? 0xc3 : 0xc2
        return true
      default:
        if (value !== null) return false
        slab.room(1)
        slab.bytes[slab.at++] = 0xc0
        return true
    }
  }

  #text(text: string): boolean {
    const { length } = text
    if (!text.isWellFormed()) return false
    const slab = this.#slab
    slab.room(5 + textRoom(text))
    const { bytes, at } = slab
    // The header's size is known only after the text; most often it is that of an ASCII text.
    const guess = headerSize(length)
    let written = 0
    if (length < 24) {
      while (written < length) {
        const unit = text.charCodeAt(written)
        if (unit > 0x7f) break
        bytes[at + guess + written++] = unit
      }
    }
    if (written < length || length >= 24) written = writeText(text, bytes, at + guess)
    const header = headerSize(written)
    if (header !== guess) bytes.copyWithin(at + header, at + guess, at + guess + written)
    if (header === 1) bytes[at] = 0xa0 | written
    else {
      bytes[at] = header === 2 ? 0xd9 : header === 3 ? 0xda : 0xdb
      for (let i = 1, size = written; i < header; i++, size >>>= 8) bytes[at + header - i] = size
    }
    slab.at = at + header + written
    return true
  }

  #number(value: number): void {
    const slab = this.#slab
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      this.#view.setFloat64(0, value)
      this.#put(0xcb, 8)
    } else if (value >= -32 && value < 0x80) {
      slab.bytes[slab.at++] = value
    } else {
      this.#view.setInt32(0, Math.floor(value / 0x1_0000_0000))
      this.#view.setUint32(4, value)
      // The power of two that is the size.
      const power =
        value >= 0
          ? value < 0x100
            ? 0
            : value < 0x10000
              ? 1
              : value < 0x1_0000_0000
                ? 2
                : 3
          : value >= -0x80
            ? 0
            : value >= -0x8000
              ? 1
              : value >= -0x8000_0000
                ? 2
                : 3
      this.#put((value >= 0 ? 0xcc : 0xd0) + power, 1 << power)
    }
  }

  /** A token, and the last bytes of the view. */
  #put(token: number, size: number): void {
    const { bytes, at } = this.#slab
    bytes[at] = token
    for (let i = 0; i < size; i++) bytes[at + 1 + i] = this.#view.getUint8(8 - size + i)
    this.#slab.at = at + 1 + size
  }
}

function headerSize(length: number): number {
  return length < 32 ? 1 : length < 0x100 ? 2 : length < 0x10000 ? 3 : 5
}
