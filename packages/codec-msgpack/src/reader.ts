import { refuse } from './refusal.js'
import { readBytes, readText } from './text.js'
import { pairwiseKeys } from './walker.js'

const nothing = new Uint8Array(0)
const cachedKeys = 512
const longestCachedKey = 32
const smallMessage = 1024

/** Builds the value of bytes that a Walker has passed. Its recursion is bounded by the depth that was checked. */
export class Reader {
  #bytes: Uint8Array = nothing
  #view: DataView | undefined
  #at = 0
  #ascii = true
  /** The message from `#sourceStart` on, a character for each byte. */
  #source: string | undefined
  #sourceStart = 0
  // Keys repeat from message to message. A fixed number of slots, so that a peer cannot make it grow.
  readonly #keys: string[] = new Array<string>(cachedKeys).fill('')

  /** @param ascii all text is ASCII */
  read(bytes: Uint8Array, ascii: boolean): unknown {
    this.#bytes = bytes
    this.#at = 0
    this.#ascii = ascii
    try {
      return this.#value()
    } finally {
      // An idle codec must not keep a message alive.
      this.#bytes = nothing
      this.#view = undefined
      this.#source = undefined
    }
  }

  #value(): unknown {
    const token = this.#bytes[this.#at++]!
    if (token < 0x80) return token
    if (token < 0x90) return this.#map(token & 0x0f)
    if (token < 0xa0) return this.#array(token & 0x0f)
    if (token < 0xc0) return this.#text(token & 0x1f)
    if (token >= 0xe0) return token - 0x100
    switch (token) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
        return this.#binary(this.#byte())
      case 0xc5:
        return this.#binary(this.#short())
      case 0xc6:
        return this.#binary(this.#word())
      case 0xca:
        return this.#dataView(4).getFloat32(this.#at - 4)
      case 0xcb:
        return this.#dataView(8).getFloat64(this.#at - 8)
      case 0xcc:
        return this.#byte()
      case 0xcd:
        return this.#short()
      case 0xce:
        return this.#word()
      case 0xcf:
        return this.#long(this.#word(), this.#word(), false)
      case 0xd0:
        return (this.#byte() << 24) >> 24
      case 0xd1:
        return (this.#short() << 16) >> 16
      case 0xd2:
        return this.#word() | 0
      case 0xd3:
        return this.#long(this.#word() | 0, this.#word(), true)
      case 0xc7:
        return this.#timestamp(this.#byte())
      case 0xd6:
        return this.#timestamp(4)
      case 0xd7:
        return this.#timestamp(8)
      case 0xd9:
        return this.#text(this.#byte())
      case 0xda:
        return this.#text(this.#short())
      case 0xdb:
        return this.#text(this.#word())
      case 0xdc:
        return this.#array(this.#short())
      case 0xdd:
        return this.#array(this.#word())
      case 0xde:
        return this.#map(this.#short())
      default:
        return this.#map(this.#word())
    }
  }

  #byte(): number {
    return this.#bytes[this.#at++]!
  }

  #short(): number {
    return (this.#byte() << 8) | this.#byte()
  }

  #word(): number {
    return this.#short() * 0x10000 + this.#short()
  }

  /** A number where it is one exactly, else a bigint. */
  #long(high: number, low: number, signed: boolean): number | bigint {
    const value = high * 0x1_0000_0000 + low
    if (Number.isSafeInteger(value)) return value
    const view = this.#dataView(0)
    return signed ? view.getBigInt64(this.#at - 8) : view.getBigUint64(this.#at - 8)
  }

  #dataView(advance: number): DataView {
    const bytes = this.#bytes
    this.#at += advance
    this.#view ??= new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return this.#view
  }

  #text(length: number): string {
    if (length === 0) return ''
    const start = this.#at
    this.#at += length
    if (this.#source !== undefined)
      return this.#source.slice(start - this.#sourceStart, this.#at - this.#sourceStart)
    const bytes = this.#bytes
    const rest = bytes.length - start
    // Texts of a small message are cut from one: each call out of JavaScript costs more than they do.
    if (this.#ascii && rest <= smallMessage && rest > 2 * length) {
      this.#source = readBytes(bytes, start, bytes.length)
      this.#sourceStart = start
      if (this.#source !== undefined) return this.#source.slice(0, length)
    }
    return readText(bytes, start, this.#at, this.#ascii)
  }

  #binary(length: number): Uint8Array {
    const start = this.#at
    this.#at += length
    // A copy: a view would keep all that was received with it alive.
    return new Uint8Array(this.#bytes.subarray(start, this.#at))
  }

  #array(length: number): unknown[] {
    const values = new Array<unknown>(length)
    for (let i = 0; i < length; i++) values[i] = this.#value()
    return values
  }

  #map(size: number): Record<string, unknown> {
    const object: Record<string, unknown> = {}
    for (let i = 0; i < size; i++) {
      const key = this.#key()
      object[key] = this.#value()
    }
    if (size > pairwiseKeys && Object.keys(object).length !== size) refuse('A map has a key twice')
    return object
  }

  #key(): string {
    const token = this.#byte()
    const length =
      token < 0xc0
        ? token & 0x1f
        : token === 0xd9
          ? this.#byte()
          : token === 0xda
            ? this.#short()
            : this.#word()
    if (length === 0 || length > longestCachedKey) return this.#text(length)

    const bytes = this.#bytes
    const start = this.#at
    const middle = bytes[start + (length >> 1)]!
    const slot = (length + bytes[start]! * 5 + middle * 23 + bytes[start + length - 1]! * 3) % cachedKeys
    const cached = this.#keys[slot]!
    if (cached.length === length) {
      let i = 0
      while (i < length && cached.charCodeAt(i) === bytes[start + i]) i++
      if (i === length) {
        this.#at += length
        return cached
      }
    }
    const key = this.#text(length)
    // As long as its bytes: the key is ASCII, so that its characters may be compared with bytes.
    if (key.length === length) this.#keys[slot] = key
    return key
  }

  #timestamp(length: number): Date {
    this.#at++
    if (length === 4) return new Date(this.#word() * 1000)
    const first = this.#word()
    const second = this.#word()
    // Nanoseconds below a millisecond are cut off, towards the past.
    if (length === 8) {
      const seconds = (first & 3) * 0x1_0000_0000 + second
      return new Date(seconds * 1000 + Math.floor((first >>> 2) / 1_000_000))
    }
    const seconds = (second | 0) * 0x1_0000_0000 + this.#word()
    return new Date(seconds * 1000 + Math.floor(first / 1_000_000))
  }
}
