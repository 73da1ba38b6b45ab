import { describe, isBytes, isDangerous, isPlain } from './kind.js'
import { Refusal } from './refusal.js'
import { textRoom, writeText } from './text.js'

// Messages are cut from a slab, because making an array of one's own for each costs more than encoding a small one.
const slabBytes = 64 * 1024

/** Writes values as MessagePack, checking each on the way, so that every value is read exactly once. */
export class Writer {
  readonly #depth: number
  readonly #nodes: number
  #slab: Uint8Array = new Uint8Array(slabBytes)
  #view: DataView = new DataView(this.#slab.buffer)
  #start = 0
  #at = 0
  #left = 0

  constructor(depth: number, nodes: number) {
    this.#depth = depth
    this.#nodes = nodes
  }

  /** The bytes are never written to again. Throws whatever the value's own code throws, and Refusal. */
  write(value: unknown, headroom: number): Uint8Array {
    this.#start = this.#at
    this.#left = this.#nodes
    try {
      this.#headroom(headroom)
      this.#value(value, 0)
    } catch (thrown) {
      this.#at = this.#start
      throw thrown
    }
    const written = this.#slab.subarray(this.#start, this.#at)
    // A slab that grew for one large message would be carried on by every small one.
    if (this.#slab.length > slabBytes) this.#replace(new Uint8Array(slabBytes), 0)
    return written
  }

  #replace(slab: Uint8Array, at: number): void {
    this.#slab = slab
    this.#view = new DataView(slab.buffer)
    this.#start = 0
    this.#at = at
  }

  #headroom(bytes: number): void {
    this.#room(bytes)
    // Left-overs of an encode that failed must not travel, should the caller leave a byte unwritten.
    for (let i = 0; i < bytes; i++) this.#slab[this.#at++] = 0
  }

  /** Makes room for so many bytes more. */
  #room(bytes: number): void {
    if (this.#at + bytes <= this.#slab.length) return
    const used = this.#at - this.#start
    const slab = new Uint8Array(Math.max(slabBytes, (used * 2 + bytes + 15) & ~7))
    slab.set(this.#slab.subarray(this.#start, this.#at))
    this.#replace(slab, used)
  }

  #value(value: unknown, depth: number): void {
    if (--this.#left < 0) throw new Refusal(`makes more than ${this.#nodes} values`, 'too_deep')
    switch (typeof value) {
      case 'string':
        this.#text(value)
        break
      case 'number':
        this.#number(value)
        break
      case 'boolean':
        this.#token(value ? 0xc3 : 0xc2)
        break
      case 'bigint':
        this.#bigint(value)
        break
      case 'object':
        if (value === null) this.#token(0xc0)
        else this.#object(value, depth)
        break
      default:
        throw new Refusal(`is ${describe(value)}, which MessagePack cannot carry`)
    }
  }

  #token(token: number): void {
    this.#room(1)
    this.#slab[this.#at++] = token
  }

  #text(text: string): void {
    const length = text.length
    if (length < 32) {
      this.#room(1 + length)
      const slab = this.#slab
      const at = this.#at + 1
      let i = 0
      for (; i < length; i++) {
        const unit = text.charCodeAt(i)
        if (unit > 0x7f) break
        slab[at + i] = unit
      }
      if (i === length) {
        slab[at - 1] = 0xa0 | length
        this.#at = at + length
        return
      }
    }
    if (!text.isWellFormed()) throw new Refusal('holds half a surrogate pair, which has no UTF-8')
    this.#room(5 + textRoom(text))
    // The header's size is known only after the text; most often it is that of an ASCII text.
    const guess = textHeader(length)
    const written = writeText(text, this.#slab, this.#at + guess)
    const header = textHeader(written)
    if (header !== guess)
      this.#slab.copyWithin(this.#at + header, this.#at + guess, this.#at + guess + written)
    this.#header(written, 0xa0, 32, 0xd9)
    this.#at += written
  }

  /** The header of a text, a binary, an array or a map. `wide` is the token of the 8-bit form, or where it would be. */
  #header(size: number, fixed: number, fixedSizes: number, wide: number): void {
    this.#room(5)
    if (size < fixedSizes) {
      this.#slab[this.#at++] = fixed | size
    } else if (size < 0x100 && fixedSizes !== 16) {
      this.#slab[this.#at++] = wide
      this.#slab[this.#at++] = size
    } else if (size < 0x10000) {
      this.#slab[this.#at++] = wide + 1
      this.#view.setUint16(this.#at, size)
      this.#at += 2
    } else {
      this.#slab[this.#at++] = wide + 2
      this.#view.setUint32(this.#at, size)
      this.#at += 4
    }
  }

  #number(value: number): void {
    this.#room(9)
    const slab = this.#slab
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      slab[this.#at] = 0xcb
      this.#view.setFloat64(this.#at + 1, value)
      this.#at += 9
    } else if (value >= -32 && value < 0x80) {
      slab[this.#at++] = value & 0xff
    } else if (value >= 0) {
      this.#unsigned(value)
    } else {
      this.#negative(value)
    }
  }

  #unsigned(value: number): void {
    if (value < 0x100) {
      this.#slab[this.#at] = 0xcc
      this.#slab[this.#at + 1] = value
      this.#at += 2
    } else if (value < 0x10000) {
      this.#slab[this.#at] = 0xcd
      this.#view.setUint16(this.#at + 1, value)
      this.#at += 3
    } else if (value < 0x1_0000_0000) {
      this.#slab[this.#at] = 0xce
      this.#view.setUint32(this.#at + 1, value)
      this.#at += 5
    } else {
      this.#long(0xcf, value)
    }
  }

  #negative(value: number): void {
    if (value >= -0x80) {
      this.#slab[this.#at] = 0xd0
      this.#view.setInt8(this.#at + 1, value)
      this.#at += 2
    } else if (value >= -0x8000) {
      this.#slab[this.#at] = 0xd1
      this.#view.setInt16(this.#at + 1, value)
      this.#at += 3
    } else if (value >= -0x8000_0000) {
      this.#slab[this.#at] = 0xd2
      this.#view.setInt32(this.#at + 1, value)
      this.#at += 5
    } else {
      this.#long(0xd3, value)
    }
  }

  #long(token: number, value: number): void {
    this.#slab[this.#at] = token
    this.#view.setInt32(this.#at + 1, Math.floor(value / 0x1_0000_0000))
    this.#view.setUint32(this.#at + 5, value >>> 0)
    this.#at += 9
  }

  #bigint(value: bigint): void {
    if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) {
      this.#number(Number(value))
      return
    }
    this.#room(9)
    if (value > 0n && BigInt.asUintN(64, value) === value) {
      this.#slab[this.#at] = 0xcf
      this.#view.setBigUint64(this.#at + 1, value)
    } else if (BigInt.asIntN(64, value) === value) {
      this.#slab[this.#at] = 0xd3
      this.#view.setBigInt64(this.#at + 1, value)
    } else {
      throw new Refusal('is a bigint of more than 64 bits')
    }
    this.#at += 9
  }

  #object(value: object, depth: number): void {
    if (Array.isArray(value)) this.#array(value, depth + 1)
    else if (isPlain(Object.getPrototypeOf(value))) this.#map(value as Record<string, unknown>, depth + 1)
    else if (isBytes(value)) this.#binary(value)
    else if (value instanceof Date) this.#date(value)
    else throw new Refusal(`is ${describe(value)}, which MessagePack cannot carry`)
  }

  #array(values: readonly unknown[], depth: number): void {
    this.#enter(depth)
    const { length } = values
    this.#header(length, 0x90, 16, 0xdb)
    let i = 0
    try {
      for (; i < length; i++) this.#value(values[i], depth)
    } catch (thrown) {
      throw Refusal.under(thrown, values, i)
    }
  }

  #map(object: Record<string, unknown>, depth: number): void {
    this.#enter(depth)
    const keys = Object.keys(object)
    const { length } = keys
    const header = this.#at - this.#start
    this.#header(length, 0x80, 16, 0xdd)
    let written = 0
    for (let i = 0; i < length; i++) {
      const key = keys[i]!
      try {
        const value = object[key]
        if (value === undefined) continue
        if (isDangerous(key, value)) throw new Refusal('has a key that receivers refuse')
        this.#text(key)
        this.#value(value, depth)
        written++
      } catch (thrown) {
        throw Refusal.under(thrown, object, key)
      }
    }
    if (written !== length) this.#shrink(this.#start + header, length, written)
  }

  /** Corrects the header of a map some of whose values were undefined. */
  #shrink(at: number, from: number, to: number): void {
    const before = from < 16 ? 1 : from < 0x10000 ? 3 : 5
    const after = to < 16 ? 1 : to < 0x10000 ? 3 : 5
    const end = this.#at
    if (before !== after) this.#slab.copyWithin(at + after, at + before, end)
    this.#at = at
    this.#header(to, 0x80, 16, 0xdd)
    this.#at = end - (before - after)
  }

  #enter(depth: number): void {
    if (depth > this.#depth) throw new Refusal(`nests deeper than ${this.#depth}`, 'too_deep')
  }

  #binary(bytes: Uint8Array): void {
    const { length } = bytes
    this.#room(5 + length)
    // Binaries have no fixed form.
    this.#header(length, 0, 0, 0xc4)
    this.#slab.set(bytes, this.#at)
    this.#at += length
  }

  #date(date: Date): void {
    const time = date.getTime()
    if (Number.isNaN(time)) throw new Refusal('is an invalid Date')
    const seconds = Math.floor(time / 1000)
    const nanoseconds = (time - seconds * 1000) * 1_000_000
    this.#room(15)
    const at = this.#at
    if (nanoseconds === 0 && seconds >= 0 && seconds < 0x1_0000_0000) {
      this.#view.setUint16(at, 0xd6ff)
      this.#view.setUint32(at + 2, seconds)
      this.#at += 6
    } else if (seconds >= 0 && seconds < 0x4_0000_0000) {
      this.#view.setUint16(at, 0xd7ff)
      this.#view.setUint32(at + 2, nanoseconds * 4 + Math.floor(seconds / 0x1_0000_0000))
      this.#view.setUint32(at + 6, seconds >>> 0)
      this.#at += 10
    } else {
      this.#view.setUint16(at, 0xc70c)
      this.#slab[at + 2] = 0xff
      this.#view.setUint32(at + 3, nanoseconds)
      this.#view.setInt32(at + 7, Math.floor(seconds / 0x1_0000_0000))
      this.#view.setUint32(at + 11, seconds >>> 0)
      this.#at += 15
    }
  }
}

function textHeader(length: number): number {
  return length < 32 ? 1 : length < 0x100 ? 2 : length < 0x10000 ? 3 : 5
}
