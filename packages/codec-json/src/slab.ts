import { textRoom, writeText } from './text.js'

// Messages are cut from a slab, because making an array of one's own for each costs more than encoding a small one.
const slabBytes = 64 * 1024

/** Turns text into bytes that are never written to again. */
export class Slab {
  #bytes: Uint8Array = new Uint8Array(slabBytes)
  #at = 0

  write(text: string, headroom: number): Uint8Array {
    const room = headroom + textRoom(text)
    if (room > slabBytes / 2) return large(text, headroom)
    if (this.#at + room > this.#bytes.length) {
      this.#bytes = new Uint8Array(slabBytes)
      this.#at = 0
    }
    const start = this.#at
    this.#at = start + headroom + writeText(text, this.#bytes, start + headroom)
    return this.#bytes.subarray(start, this.#at)
  }
}

// On its own, so that a small message never keeps a large one's memory alive.
function large(text: string, headroom: number): Uint8Array {
  const bytes = new Uint8Array(headroom + textRoom(text))
  return bytes.subarray(0, headroom + writeText(text, bytes, headroom))
}
