import { refuse } from '@hawser/codec-base'
import { cutShort, otherType, type Reader } from './reader.js'

/** The head that stands for the end of the fields: no id and type make it. */
export const stop: number = 0x7fff_ffff

/** The head of a binary field where fewer than four bytes are left, which no field fits in: only the end of the fields does. */
export function binaryTail({ bytes, end }: Reader, at: number): number {
  return at < end && bytes[at] === 0 ? 0 : cutShort()
}

/** An unsigned number of up to 32 bits, of which the first group is not the last. */
export function takeVarint(reader: Reader, start: number): number {
  const { bytes, end } = reader
  let at = start
  let value = 0
  for (let shift = 0; shift < 35; shift += 7) {
    if (at >= end) cutShort()
    const group = bytes[at++]!
    if (group < 0x80) {
      if ((shift > 0 && group === 0) || (shift === 28 && group > 0x0f)) overLong()
      reader.at = at
      return (value | (group << shift)) >>> 0
    }
    value |= (group & 0x7f) << shift
  }
  overLong()
}

function overLong(): never {
  refuse('A variable-length integer is longer than it may be')
}

/** A zigzag number of 64 bits: returns its high word, and leaves the low one in `reader.low`. */
export function takeWords(reader: Reader, start: number): number {
  const { bytes, end } = reader
  let at = start
  let low = 0
  let high = 0
  for (let shift = 0; ; shift += 7) {
    if (at >= end) cutShort()
    const group = bytes[at++]!
    const bits = group & 0x7f
    if (shift < 28) low |= bits << shift
    else if (shift === 28) {
      low |= bits << 28
      high = bits >>> 4
    } else high |= bits << (shift - 32)
    if (group < 0x80) {
      if ((shift > 0 && group === 0) || (shift === 63 && group > 1)) overLong()
      break
    }
    if (shift === 63) overLong()
  }
  reader.at = at
  const sign = -(low & 1)
  reader.low = ((low >>> 1) | (high << 31)) ^ sign
  return (high >>> 1) ^ sign
}

/** The head of a compact field in its long form, or what ends the bytes: id and type as one number. */
export function takeCompactHead(reader: Reader, at: number): number {
  if (at >= reader.end) cutShort()
  const type = reader.bytes[at]!
  const zigzag = takeVarint(reader, at + 1)
  const id = (zigzag >>> 1) ^ -(zigzag & 1)
  if (id < -32_768 || id > 32_767) refuse('A field has an id past 32,767')
  return (id << 4) | type
}

/** Checks what a short head has added up to. */
export function checkId(head: number): void {
  if (head >> 4 > 32_767) refuse('A field has an id past 32,767')
}

/** The number of elements of a compact list or set, whose type is checked. Bool elements have either of its two types. */
export function takeCompactListHead(reader: Reader, at: number, type: number): number {
  if (at >= reader.end) cutShort()
  const head = reader.bytes[at]!
  reader.at = at + 1
  const size = head >> 4 === 15 ? takeVarint(reader, at + 1) : head >> 4
  const found = head & 15
  if (size !== 0 && found !== type && !(type === 1 && found === 2)) otherType()
  return size
}

/** The number of entries of a compact map, whose types are checked. */
export function takeCompactMapHead(reader: Reader, at: number, keyType: number, valueType: number): number {
  const size = takeVarint(reader, at)
  if (size === 0) return 0
  if (reader.at >= reader.end) cutShort()
  const types = reader.bytes[reader.at++]!
  if (!same(types >> 4, keyType) || !same(types & 15, valueType)) otherType()
  return size
}

function same(found: number, type: number): boolean {
  return found === type || (type === 1 && found === 2)
}

/** A bool that is no field, from its byte: in compact 2 is false as well. */
export function boolOf(byte: number, most: number): boolean {
  if (byte > most) refuse('A bool is neither true nor false')
  return byte === 1
}

/** Checks an integer of a smaller type, which the compact layout does not hold to its size. */
export function shortOf(value: number): number {
  if (value !== (value << 16) >> 16) refuse('An integer is past 16 bits')
  return value
}
