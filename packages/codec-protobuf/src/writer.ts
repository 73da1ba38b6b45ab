import { checkUuid, describe, isBytes, Refusal, Slab, textRoom, writeText } from '@hawser/codec-base'
import type { Cell } from './layout.js'
import { doubles, floats, high, longs, low, octets, octetsFlip, ulongs, words } from './words.js'

// Below these a loop beats a call out of the engine.
const loopText = 42
const loopBytes = 64
// A tag and a varint.
const most = 15

/** Writes what messages are made of. What is not of its type is refused by {@link Refusal}. */
export class Writer extends Slab {
  /** A position that stays good when the message moves. */
  mark(): number {
    return this.at - this.start
  }

  /** A varint of 32 bits; there has to be room. */
  varint(value: number): void {
    const { bytes } = this
    let at = this.at
    let rest = value >>> 0
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    bytes[at++] = rest
    this.at = at
  }

  /** Makes room for a tag and a value of at most 8 bytes, or the beginning of a longer one. */
  tag(tag: number): void {
    this.room(most)
    if (tag < 0x80) this.bytes[this.at++] = tag
    else this.varint(tag)
  }

  /** Begins what has its length in front, for which so many bytes are kept. Returns a mark. */
  begin(lengthBytes: number): number {
    this.room(most)
    this.at += lengthBytes
    return this.mark()
  }

  /** Ends it, and returns how many bytes the length took. */
  end(mark: number, lengthBytes: number): number {
    const length = this.mark() - mark
    const needed = varintBytes(length)
    const more = needed - lengthBytes
    if (more !== 0) {
      if (more > 0) this.room(more)
      const start = mark + this.start
      this.bytes.copyWithin(start + more, start, this.at)
    }
    const end = this.at + more
    this.at = mark + this.start - lengthBytes
    this.varint(length)
    this.at = end
    return needed
  }

  /** The value of a scalar. There has to be room for 10 bytes. */
  scalar(cell: Cell, value: unknown): void {
    switch (cell.kind) {
      case 'int':
        this.int(cell, value)
        return
      case 'string':
        this.text(value)
        return
      case 'bool':
        this.bool(value)
        return
      case 'double':
        this.double(value)
        return
      case 'long':
        signed(cell, value)
        this.#wide()
        return
      case 'uint':
        this.varint(integer(cell, value))
        return
      case 'bytes':
        this.#bytes(value)
        return
      case 'float':
        if (typeof value !== 'number') throw unfit(value, 'a number')
        floats[0] = value
        if (!Number.isFinite(floats[0]) && Number.isFinite(value))
          throw new Refusal('is past what a float can hold')
        this.#word(words[0]!)
        return
      case 'sint': {
        const number = integer(cell, value)
        this.varint((number << 1) ^ (number >> 31))
        return
      }
      case 'sfixed':
      case 'fixed':
        this.#word(integer(cell, value))
        return
      case 'slong': {
        signed(cell, value)
        const sign = words[high]! >> 31
        words[high] = ((words[high]! << 1) | (words[low]! >>> 31)) ^ sign
        words[low] = (words[low]! << 1) ^ sign
        this.#wide()
        return
      }
      case 'ulong':
        unsigned(cell, value)
        this.#wide()
        return
      case 'sfixed64':
        signed(cell, value)
        this.#octets(8)
        return
      case 'fixed64':
        unsigned(cell, value)
        this.#octets(8)
        return
      case 'uuid':
        this.text(checkUuid(value))
        return
      default:
        throw new TypeError(`${cell.kind} is no scalar`)
    }
  }

  int(cell: Cell, value: unknown): void {
    const number = integer(cell, value)
    if (number >= 0) this.varint(number)
    else this.#negative(number)
  }

  bool(value: unknown): void {
    if (typeof value !== 'boolean') throw unfit(value, 'a boolean')
    this.bytes[this.at++] = value ? 1 : 0
  }

  double(value: unknown): void {
    if (typeof value !== 'number') throw unfit(value, 'a number')
    doubles[0] = value
    this.#octets(8)
  }

  // Sign-extended to 64 bits.
  #negative(value: number): void {
    words[low] = value
    words[high] = -1
    this.#wide()
  }

  #wide(): void {
    const { bytes } = this
    let at = this.at
    let lower = words[low]!
    let upper = words[high]!
    while (upper !== 0 || lower > 0x7f) {
      bytes[at++] = (lower & 0x7f) | 0x80
      lower = ((lower >>> 7) | (upper << 25)) >>> 0
      upper >>>= 7
    }
    bytes[at++] = lower
    this.at = at
  }

  #word(value: number): void {
    const { bytes, at } = this
    bytes[at] = value
    bytes[at + 1] = value >>> 8
    bytes[at + 2] = value >>> 16
    bytes[at + 3] = value >>> 24
    this.at = at + 4
  }

  #octets(length: number): void {
    const { bytes, at } = this
    for (let i = 0; i < length; i++) bytes[at + i] = octets[i ^ octetsFlip]!
    this.at = at + length
  }

  #bytes(value: unknown): void {
    if (typeof value !== 'object' || value === null || !isBytes(value)) throw unfit(value, 'bytes')
    const { length } = value
    this.room(most + length)
    this.varint(length)
    const { bytes, at } = this
    if (length > loopBytes) bytes.set(value, at)
    else for (let i = 0; i < length; i++) bytes[at + i] = value[i]!
    this.at = at + length
  }

  /** With its length in front. */
  text(value: unknown): void {
    if (typeof value !== 'string') throw unfit(value, 'a string')
    const { length } = value
    if (length > loopText) {
      this.#longText(value)
      return
    }
    // Its length is one byte, whatever the characters.
    this.room(most + 3 * length)
    const { bytes, at } = this
    let to = at + 1
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i)
      if (unit < 0x80) bytes[to++] = unit
      else if (unit < 0x800) {
        bytes[to++] = 0xc0 | (unit >> 6)
        bytes[to++] = 0x80 | (unit & 0x3f)
      } else if (unit < 0xd800 || unit > 0xdfff) {
        bytes[to++] = 0xe0 | (unit >> 12)
        bytes[to++] = 0x80 | ((unit >> 6) & 0x3f)
        bytes[to++] = 0x80 | (unit & 0x3f)
      } else {
        // Half a pair, or both: rare enough.
        this.#longText(value)
        return
      }
    }
    bytes[at] = to - at - 1
    this.at = to
  }

  #longText(text: string): void {
    if (!text.isWellFormed()) throw new Refusal('holds half a surrogate pair, which has no UTF-8')
    this.room(most + textRoom(text))
    const { at } = this
    // Most are ASCII, so that the length is that of the text.
    const guess = varintBytes(text.length)
    const length = writeText(text, this.bytes, at + guess)
    const needed = varintBytes(length)
    if (needed !== guess) this.bytes.copyWithin(at + needed, at + guess, at + guess + length)
    this.varint(length)
    this.at = at + needed + length
  }
}

function varintBytes(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5
}

/** The refusal of a value that is not what it should be. */
export function unfit(value: unknown, expected: string): Refusal {
  return new Refusal(
    `is ${value === null ? 'null' : value === undefined ? 'undefined' : describe(value)}, and should be ${expected}`,
  )
}

function integer({ low: least, high: most, numbers }: Cell, value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
    throw unfitInteger(value, least, most)
  if (numbers !== undefined && !numbers.has(value))
    throw new Refusal('is a number that its enumeration does not have')
  return value
}

function unfitInteger(value: unknown, least: number, most: number): Refusal {
  if (typeof value !== 'number') return unfit(value, 'a number')
  return new Refusal(`is ${value}, and should be a whole number from ${least} to ${most}`)
}

// Into `words`.
function signed({ safe }: Cell, value: unknown): void {
  longs[0] = safe ? BigInt(safeInteger(value)) : bigint(value)
  if (!safe && longs[0] !== value) throw new Refusal('is a bigint of more than 64 bits')
}

function unsigned({ safe }: Cell, value: unknown): void {
  ulongs[0] = safe ? BigInt(safeInteger(value)) : bigint(value)
  if (safe ? (value as number) < 0 : ulongs[0] !== value)
    throw new Refusal('is negative or of more than 64 bits, and should be an unsigned integer')
}

function safeInteger(value: unknown): number {
  if (typeof value !== 'number') throw unfit(value, 'a number')
  if (!Number.isSafeInteger(value))
    throw new Refusal(`is ${value}, and should be a whole number up to 2^53 - 1`)
  return value
}

function bigint(value: unknown): bigint {
  if (typeof value !== 'bigint') throw unfit(value, 'a bigint')
  return value
}
