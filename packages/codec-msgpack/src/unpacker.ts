import { native, readText, refuse } from '@hawser/codec-base'
import { Unpackr } from 'msgpackr/unpack'
import { bytesDate } from './date.js'
import type { Walker } from './walker.js'

/** Longer messages are read where they are; a copy of these costs less than a view. */
const scratchBytes = 2048

/** Builds by msgpackr what a Walker has passed. */
export class Unpacker {
  // Without copyBuffers: where a byte string lies tells which one it is.
  readonly #unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, copyBuffers: false })
  // msgpackr puts a DataView on every array that it reads: making it takes longer than reading a small message, and the
  // caller's array is not ours to mark. So small messages are all read from one place.
  readonly #scratch: Uint8Array = new Uint8Array(scratchBytes)
  #bytes: Uint8Array = nothing
  #marks: ReadonlyMap<number, number> = new Map()
  #start = 0
  #entries = 0

  constructor() {
    // Where msgpackr finds it, it uses it for short texts.
    if (native) Object.assign(this.#scratch, { latin1Slice: native.Buffer.prototype.latin1Slice })
  }

  /** The value of the bytes that the walker has just walked. */
  unpack(bytes: Uint8Array, walker: Walker): unknown {
    const { length } = bytes
    if (length <= scratchBytes) {
      this.#scratch.set(bytes)
      return this.#build(bytes, this.#scratch, walker)
    }
    const source =
      walker.marks.size === 0 ? new Uint8Array(bytes.buffer, bytes.byteOffset, length) : new Uint8Array(bytes)
    try {
      return this.#build(bytes, source, walker)
    } finally {
      // An idle codec must not keep a message alive: msgpackr remembers the last one's DataView.
      this.#scratch[0] = 0xc0
      this.#unpackr.unpack(this.#scratch, 1)
    }
  }

  #build(bytes: Uint8Array, source: Uint8Array, walker: Walker): unknown {
    for (const token of walker.marks.values()) relabel(source, token)
    const value: unknown = this.#unpackr.unpack(source, bytes.length)
    if (!walker.unsettled) return value
    this.#bytes = bytes
    this.#marks = walker.marks
    this.#start = source.byteOffset
    this.#entries = 0
    const settled = this.#settle(value)
    this.#bytes = nothing
    if (this.#entries !== walker.entries) refuse('A map has a key twice')
    return settled
  }

  /** Its recursion is bounded by the depth that was checked. */
  #settle(value: unknown): unknown {
    if (typeof value === 'bigint') {
      const number = Number(value)
      return Number.isSafeInteger(number) ? number : value
    }
    if (typeof value !== 'object' || value === null) return value
    if (value instanceof Uint8Array) return this.#byteString(value)
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) {
        const element: unknown = value[i]
        const settled = this.#settle(element)
        if (settled !== element) value[i] = settled
      }
      return value
    }
    const object = value as Record<string, unknown>
    const keys = Object.keys(object)
    this.#entries += keys.length
    for (const key of keys) {
      const member = object[key]
      const settled = this.#settle(member)
      if (settled !== member) object[key] = settled
    }
    return object
  }

  #byteString(found: Uint8Array): unknown {
    const token = this.#marks.get(found.byteOffset - this.#start)
    // A copy: a view would keep all that was received with it alive.
    if (token === undefined) return new Uint8Array(found)
    return isText(this.#bytes[token]!) ? readText(found) : bytesDate(found)
  }
}

function isText(token: number): boolean {
  return token >= 0xd9 && token <= 0xdb
}

/**
 * Makes a byte string of what msgpackr would not read as it is: it looks timestamps up in a table that all code in the process
 * may change, and rounds them; and the TextDecoder it uses for text drops a byte order mark.
 */
function relabel(source: Uint8Array, at: number): void {
  const token = source[at]!
  if (isText(token)) {
    // Headers of texts, d9 to db, are as long as those of byte strings, c4 to c6.
    source[at] = token - 0xd9 + 0xc4
  } else {
    // Of an ext 8 the number of the extension becomes the first byte.
    source[at + 1] = token === 0xd6 ? 4 : token === 0xd7 ? 8 : source[at + 1]! + 1
    source[at] = 0xc4
  }
}

const nothing = new Uint8Array(0)
