import { checkUuid, refuse } from '@hawser/codec-base'
import type { Cell } from './layout.js'
import { wire } from './layout.js'
import { longText, shortText } from './utf8.js'
import { doubles, floats, high, longs, low, octets, octetsFlip, ulongs, words } from './words.js'

// Below this a loop beats a call out of the engine.
const loopBytes = 48
const longestVarint = 10
const nothing = new Uint8Array(0)

/** Reads what messages are made of, and checks each bound before it believes it. */
export class Reader {
  bytes: Uint8Array = nothing
  at = 0
  /** So many values may yet be read. */
  left = 0
  readonly nodes: number
  readonly depth: number

  constructor(limits: { readonly nodes: number; readonly depth: number }) {
    this.nodes = limits.nodes
    this.depth = limits.depth
  }

  /** Begins with a message, whose outermost value counts as well. */
  open(bytes: Uint8Array): void {
    this.bytes = bytes
    this.at = 0
    this.left = this.nodes
    this.count()
  }

  /** Counts a value. */
  count(): void {
    if (--this.left < 0) refuse(`The message holds more than ${this.nodes} values`, 'too_deep')
  }

  /** Is the next tag this one too? Passes it, unless it is long. */
  another(tag: number): boolean {
    if (this.bytes[this.at] !== tag || tag >= 0x80) return false
    this.at++
    return true
  }

  enter(depth: number): void {
    if (depth > this.depth) refuse(`The message nests deeper than ${this.depth}`, 'too_deep')
  }

  /** A field's number and wire type. */
  tag(): number {
    const first = this.bytes[this.at]!
    if (first < 0x80) {
      if (first < 8) refuse('A field has the number 0')
      this.at++
      return first
    }
    const start = this.at
    const second = this.bytes[start + 1]!
    if (second < 0x80 && second > 0) {
      this.at = start + 2
      return (first & 0x7f) | (second << 7)
    }
    const tag = this.#long() >>> 0
    if (this.at - start > 5 || (this.at - start === 5 && this.bytes[this.at - 1]! > 0x0f))
      refuse('A tag is longer than 32 bits')
    if (tag < 8) refuse('A field has the number 0')
    return tag
  }

  /** A varint's lower 32 bits, signed. */
  varint(): number {
    const { bytes, at } = this
    const first = bytes[at]!
    if (first < 0x80) {
      this.at = at + 1
      return first
    }
    const second = bytes[at + 1]!
    if (second < 0x80) {
      this.at = at + 2
      return (first & 0x7f) | (second << 7)
    }
    return this.#long()
  }

  // The upper 32 bits are left in `words`, and the lower.
  #long(): number {
    const { bytes } = this
    let at = this.at
    let lower = 0
    let upper = 0
    for (let i = 0; i < longestVarint; i++) {
      const byte = bytes[at++]
      if (byte === undefined) cutShort()
      const part = byte & 0x7f
      if (i < 4) lower |= part << (7 * i)
      else if (i === 4) {
        lower |= part << 28
        upper = part >> 4
      } else upper |= part << (7 * i - 32)
      if (byte < 0x80) {
        if (i === longestVarint - 1 && byte > 1) break
        this.at = at
        words[low] = lower
        words[high] = upper
        return lower
      }
    }
    return refuse('A varint is longer than 64 bits')
  }

  /** A varint, into `words`. */
  #wide(): void {
    const first = this.bytes[this.at]!
    if (first < 0x80) {
      this.at++
      words[low] = first
      words[high] = 0
    } else this.#long()
  }

  /** A length, as where what it measures ends. */
  end(): number {
    const first = this.bytes[this.at]!
    let length = first
    if (first < 0x80) this.at++
    else {
      length = this.#long()
      if (length < 0 || words[high] !== 0) cutShort()
    }
    const end = this.at + length
    return end <= this.bytes.length ? end : cutShort()
  }

  /** An sfixed32. */
  fixed(): number {
    const { bytes, at } = this
    if (at + 4 > bytes.length) cutShort()
    this.at = at + 4
    return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
  }

  #octets(length: number): void {
    const { bytes, at } = this
    if (at + length > bytes.length) cutShort()
    for (let i = 0; i < length; i++) octets[i ^ octetsFlip] = bytes[at + i]!
    this.at = at + length
  }

  /** The value of a scalar; undefined for a number that a closed enumeration does not have. */
  scalar(cell: Cell): unknown {
    switch (cell.kind) {
      case 'int': {
        const value = this.int(cell.low, cell.high)
        return cell.numbers === undefined || cell.numbers.has(value) ? value : undefined
      }
      case 'string':
        return this.text()
      case 'bool':
        return this.bool()
      case 'double':
        return this.double()
      case 'long':
        if (!cell.safe) return this.long()
        this.#wide()
        return safe(words[high]! | 0)
      case 'uint':
        return this.varint() >>> 0
      case 'bytes':
        return this.view()
      case 'float':
        return this.float()
      case 'sint':
        return ranged(this.sint(), cell)
      case 'sfixed':
        return ranged(this.fixed(), cell)
      case 'fixed':
        return this.fixed() >>> 0
      case 'slong': {
        this.#wide()
        const sign = -(words[low]! & 1)
        const upper = words[high]!
        words[low] = ((words[low]! >>> 1) | (upper << 31)) ^ sign
        words[high] = (upper >>> 1) ^ sign
        return cell.safe ? safe(words[high]! | 0) : longs[0]
      }
      case 'sfixed64':
        this.#octets(8)
        return cell.safe ? safe(words[high]! | 0) : longs[0]
      case 'ulong':
        this.#wide()
        return cell.safe ? safe(words[high]!) : ulongs[0]
      case 'fixed64':
        this.#octets(8)
        return cell.safe ? safe(words[high]!) : ulongs[0]
      case 'uuid':
        return checkUuid(this.text())
      default:
        throw new TypeError(`${cell.kind} is no scalar`)
    }
  }

  /** An int32 of a range. */
  int(least: number, most: number): number {
    const value = this.varint()
    return value < least || value > most ? outOfRange() : value
  }

  bool(): boolean {
    this.#wide()
    return (words[low]! | words[high]!) !== 0
  }

  /** A sint32. */
  sint(): number {
    const value = this.varint()
    return (value >>> 1) ^ -(value & 1)
  }

  float(): number {
    words[0] = this.fixed()
    return floats[0]!
  }

  double(): number {
    this.#octets(8)
    return doubles[0]!
  }

  /** An int64. */
  long(): bigint {
    this.#wide()
    return longs[0]!
  }

  /** Bytes of the message, on their own even where it is a Buffer, whose methods are others. */
  view(): Uint8Array {
    const end = this.end()
    const { bytes, at } = this
    this.at = end
    return new Uint8Array(bytes.buffer, bytes.byteOffset + at, end - at)
  }

  /** Strict UTF-8. */
  text(): string {
    const end = this.end()
    const { bytes, at } = this
    this.at = end
    if (end - at > loopBytes) return longText(bytes, at, end)
    let text = ''
    let i = at
    for (const last = end - 7; i < last; i += 8) {
      const a = bytes[i]!
      const b = bytes[i + 1]!
      const c = bytes[i + 2]!
      const d = bytes[i + 3]!
      const e = bytes[i + 4]!
      const f = bytes[i + 5]!
      const g = bytes[i + 6]!
      const h = bytes[i + 7]!
      if ((a | b | c | d | e | f | g | h) >= 0x80) return text + shortText(bytes, i, end)
      text += String.fromCharCode(a, b, c, d, e, f, g, h)
    }
    for (; i < end; i++) {
      const byte = bytes[i]!
      if (byte >= 0x80) return text + shortText(bytes, i, end)
      text += String.fromCharCode(byte)
    }
    return text
  }

  /** Passes over a field that is unknown; a group with all that is in it. */
  skip(tag: number, depth: number): void {
    switch (tag & 7) {
      case wire.varint:
        this.varint()
        return
      case wire.fixed64:
        this.#pass(8)
        return
      case wire.bytes:
        this.at = this.end()
        return
      case wire.fixed32:
        this.#pass(4)
        return
      case wire.group:
        this.#skipGroup(tag + 1, depth + 1)
        return
      default:
        refuse('A field has a wire type that does not fit')
    }
  }

  #skipGroup(last: number, depth: number): void {
    this.enter(depth)
    while (this.at < this.bytes.length) {
      const tag = this.tag()
      if (tag === last) return
      this.skip(tag, depth)
    }
    cutShort()
  }

  #pass(bytes: number): void {
    this.at += bytes
    if (this.at > this.bytes.length) cutShort()
  }
}

function ranged(value: number, { low: least, high: most, numbers }: Cell): number | undefined {
  if (value < least || value > most) outOfRange()
  return numbers === undefined || numbers.has(value) ? value : undefined
}

// The upper half is given, because it is signed or not.
function safe(upper: number): number {
  const value = upper * 0x1_0000_0000 + words[low]!
  return Number.isSafeInteger(value) ? value : refuse('An integer is past 2^53 - 1, and is read as a number')
}

/** Ends a decode for a length that does not measure what it is in front of. */
export function tooLong(): never {
  refuse('A message is longer than its length')
}

function outOfRange(): never {
  refuse('An integer is out of its range')
}

function cutShort(): never {
  refuse('The bytes end within the value')
}
