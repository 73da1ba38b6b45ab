import { isBytes, Refusal } from '@hawser/codec-base'
import { highWord, lowWord, splitLong, splitUnsignedLong } from './reader.js'
import { writeUtf8 } from './text.js'
import type { Writer } from './writer.js'

/** Refuses a value that is not what it should be. */
export function wrong(value: unknown, what: string): never {
  if (value === undefined) throw new Refusal('is missing')
  throw new Refusal(`is ${kindOf(value)}, not ${what}`)
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value !== 'object') return typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`
  if (Array.isArray(value)) return 'an array'
  return value instanceof Map ? 'a Map' : value instanceof Set ? 'a Set' : 'an object'
}

/** Refuses a number or a bigint that its type does not hold. */
export function outOfRange(value: unknown, type: string): never {
  if (typeof value === 'number' || typeof value === 'bigint') throw new Refusal(`is no ${type}`)
  wrong(value, `a ${type}`)
}

export function nestedTooDeep(writer: Writer): never {
  throw new Refusal(`is nested deeper than ${writer.depth}`, 'too_deep')
}

export function heldTooMuch(): never {
  throw new Refusal('is one too many: the message holds more values than are allowed', 'too_deep')
}

/** A union has one member set, not so many. */
export function notOneMember(name: string, found: number): never {
  throw new Refusal(found === 0 ? `has no member of ${name}` : `has ${found} members of ${name}`)
}

/** A container that does not hold what it said it holds. */
export function changed(): never {
  throw new Refusal('changed while it was encoded')
}

/** How an entry of a map is called in a path. */
export function entryKey(key: unknown, index: number): string | number {
  return typeof key === 'string' || typeof key === 'number' ? key : index
}

/** What an object says of a field whose name every object or error has something under. */
export function own(value: object, key: string): unknown {
  return Object.prototype.propertyIsEnumerable.call(value, key) ? Reflect.get(value, key) : undefined
}

/** Refuses values of a set, or keys of a map, that are different here and the same on the wire. */
export function distinctFloats(values: ReadonlySet<unknown> | ReadonlyMap<unknown, unknown>): void {
  const rounded = new Set<unknown>()
  for (const value of values.keys()) rounded.add(typeof value === 'number' ? Math.fround(value) : value)
  if (rounded.size !== values.size) throw new Refusal('holds two numbers that are the same as floats')
}

/** The nearest float. */
export function floatOf(value: unknown): number {
  if (typeof value !== 'number') wrong(value, 'a number')
  if (Number.isNaN(value)) return Number.NaN
  const float = Math.fround(value)
  if (!Number.isFinite(float) && Number.isFinite(value)) throw new Refusal('is past the largest float')
  return float
}

/** The high word of a 64-bit integer as a number; the low one is the value's own. */
export function highOfSafe(value: unknown, unsigned: boolean): number {
  if (!Number.isSafeInteger(value) || (unsigned && (value as number) < 0))
    outOfRange(value, unsigned ? 'whole number from 0 to 2^53 - 1' : 'whole number up to 2^53 - 1')
  return Math.floor((value as number) / 0x1_0000_0000)
}

/** Splits a bigint into words. */
export function split(value: unknown, unsigned: boolean): void {
  if (typeof value !== 'bigint') wrong(value, 'a bigint')
  if (!(unsigned ? splitUnsignedLong(value) : splitLong(value))) outOfRange(value, unsigned ? 'u64' : 'i64')
}

export function putBinaryLong(writer: Writer, value: unknown, at: number, unsigned: boolean): number {
  split(value, unsigned)
  writer.view.setInt32(at, highWord())
  writer.view.setInt32(at + 4, lowWord())
  return at + 8
}

export function putBinaryText(writer: Writer, value: unknown, at: number): number {
  if (typeof value !== 'string') wrong(value, 'a string')
  const length = writeUtf8(writer.bytes, value, at + 4)
  writer.view.setUint32(at, length)
  return at + 4 + length
}

export function putBinaryBytes(writer: Writer, value: unknown, at: number): number {
  if (typeof value !== 'object' || value === null || !isBytes(value)) wrong(value, 'a Uint8Array')
  writer.view.setUint32(at, value.length)
  return putOctets(writer.bytes, value, at + 4)
}

function putOctets(bytes: Uint8Array, value: Uint8Array, at: number): number {
  const { length } = value
  if (length > 32) bytes.set(value, at)
  else for (let i = 0; i < length; i++) bytes[at + i] = value[i]!
  return at + length
}

/** An unsigned number of 32 bits in groups of seven. */
export function putVarint(bytes: Uint8Array, value: number, at: number): number {
  let rest = value >>> 0
  let end = at
  while (rest >= 0x80) {
    bytes[end++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  bytes[end++] = rest
  return end
}

/** A number of 64 bits by its words, zigzag and in groups of seven. */
export function putWords(bytes: Uint8Array, highBits: number, lowBits: number, at: number): number {
  const sign = highBits >> 31
  let high = (((highBits << 1) | (lowBits >>> 31)) ^ sign) >>> 0
  let low = ((lowBits << 1) ^ sign) >>> 0
  let end = at
  while (high !== 0) {
    bytes[end++] = (low & 0x7f) | 0x80
    low = ((low >>> 7) | (high << 25)) >>> 0
    high >>>= 7
  }
  return putVarint(bytes, low, end)
}

export function putCompactLong(writer: Writer, value: unknown, at: number, unsigned: boolean): number {
  split(value, unsigned)
  return putWords(writer.bytes, highWord(), lowWord(), at)
}

export function putCompactText(writer: Writer, value: unknown, at: number): number {
  if (typeof value !== 'string') wrong(value, 'a string')
  const { bytes } = writer
  // How long the length is shows only after the text; most often it is that of an ASCII text.
  const guess = varintSize(value.length)
  const length = writeUtf8(bytes, value, at + guess)
  const size = varintSize(length)
  if (size !== guess) bytes.copyWithin(at + size, at + guess, at + guess + length)
  return putVarint(bytes, length, at) + length
}

function varintSize(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5
}

export function putCompactBytes(writer: Writer, value: unknown, at: number): number {
  if (typeof value !== 'object' || value === null || !isBytes(value)) wrong(value, 'a Uint8Array')
  return putOctets(writer.bytes, value, putVarint(writer.bytes, value.length, at))
}

/** The head of a compact field: short where the id is a little past the last one. */
export function putCompactHead(
  bytes: Uint8Array,
  type: number,
  id: number,
  last: number,
  at: number,
): number {
  const delta = id - last
  if (delta > 0 && delta <= 15) {
    bytes[at] = (delta << 4) | type
    return at + 1
  }
  bytes[at] = type
  return putVarint(bytes, (id << 1) ^ (id >> 31), at + 1)
}

/** The head of a compact list or set. */
export function putCompactListHead(bytes: Uint8Array, type: number, size: number, at: number): number {
  if (size < 15) {
    bytes[at] = (size << 4) | type
    return at + 1
  }
  bytes[at] = 0xf0 | type
  return putVarint(bytes, size, at + 1)
}
