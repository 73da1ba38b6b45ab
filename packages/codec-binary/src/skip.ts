import { refuse } from '@hawser/codec-base'
import { cutShort, type Reader, tooDeep, tooMany } from './reader.js'
import { checkId, takeCompactHead, takeVarint, takeWords } from './take.js'

// By wire type: the size of a value, or why it has none: 0 is no type at all.
const varies = -1
const text = -2
const part = -3
const binarySizes: readonly number[] = [0, 0, 1, 1, 8, 0, 2, 0, 4, 0, 8, text, part, part, part, part, 16]
const compactSizes: readonly number[] = [
  0,
  1,
  1,
  1,
  varies,
  varies,
  varies,
  8,
  text,
  part,
  part,
  part,
  part,
  16,
]

function unknownType(): never {
  refuse('There is a value of no known type')
}

function count(reader: Reader, values: number): void {
  reader.nodes -= values
  if (reader.nodes < 0) tooMany()
}

/** Skips a value of a type in the binary layout, checked as others are. @returns where it ends */
export function skipBinary(reader: Reader, type: number, at: number, levels: number): number {
  count(reader, 1)
  return binaryValue(reader, type, at, levels)
}

// Its recursion is bounded by the levels there may be.
function binaryValue(reader: Reader, type: number, start: number, levels: number): number {
  const size = binarySizes[type] ?? 0
  if (size === 0) unknownType()
  if (size === text) return past(reader, start + 4, binaryWord(reader, start))
  if (size !== part) return past(reader, start, size)
  if (levels <= 0) tooDeep(reader.depth)
  const { bytes } = reader
  let at = start
  if (type === 12) {
    for (;;) {
      if (at >= reader.end) cutShort()
      const field = bytes[at]!
      if (field === 0) return at + 1
      count(reader, 1)
      at = binaryValue(reader, field, past(reader, at, 3), levels - 1)
    }
  }
  const map = type === 13
  at = past(reader, start, map ? 6 : 5)
  const n = binaryWord(reader, at - 4)
  if (n > reader.end - at) cutShort()
  count(reader, map ? 2 * n : n)
  const first = bytes[start]!
  const second = bytes[start + 1]!
  for (let i = 0; i < n; i++) {
    at = binaryValue(reader, first, at, levels - 1)
    if (map) at = binaryValue(reader, second, at, levels - 1)
  }
  return at
}

/** A number of 32 bits, big endian. */
export function binaryWord({ bytes, end }: Reader, at: number): number {
  if (at + 4 > end) cutShort()
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

/** Where so many bytes end, which have to be there. */
export function past(reader: Reader, at: number, length: number): number {
  if (length > reader.end - at) cutShort()
  return at + length
}

/** Skips a field's value of a type in the compact layout, checked as others are. A bool is all in its head. @returns where it ends */
export function skipCompact(reader: Reader, type: number, at: number, levels: number): number {
  count(reader, 1)
  return type === 1 || type === 2 ? at : compactValue(reader, type, at, levels)
}

function compactValue(reader: Reader, type: number, start: number, levels: number): number {
  const size = compactSizes[type] ?? 0
  if (size === 0) unknownType()
  if (size === varies) {
    takeWords(reader, start)
    return reader.at
  }
  if (size === text) {
    const length = takeVarint(reader, start)
    return past(reader, reader.at, length)
  }
  if (size !== part) return past(reader, start, size)
  if (levels <= 0) tooDeep(reader.depth)
  if (type === 12) return compactFields(reader, start, levels - 1)
  return compactContainer(reader, type === 11, start, levels - 1)
}

function compactFields(reader: Reader, start: number, levels: number): number {
  let at = start
  let last = 0
  for (;;) {
    if (at >= reader.end) cutShort()
    const byte = reader.bytes[at]!
    if (byte === 0) return at + 1
    let head: number
    if (byte > 15) {
      head = ((last + (byte >> 4)) << 4) | (byte & 15)
      checkId(head)
      at++
    } else {
      head = takeCompactHead(reader, at)
      at = reader.at
    }
    last = head >> 4
    at = skipCompact(reader, head & 15, at, levels)
  }
}

function compactContainer(reader: Reader, map: boolean, start: number, levels: number): number {
  const { bytes } = reader
  const sizes = compactSize(reader, map, start)
  let at = reader.at
  if (sizes === 0) return at
  const types = bytes[at - 1]!
  // Of a list the type is in front of a long size.
  const first = map ? types >> 4 : bytes[start]! & 15
  const second = types & 15
  if (sizes > reader.end - at) cutShort()
  count(reader, map ? 2 * sizes : sizes)
  for (let i = 0; i < sizes; i++) {
    at = compactValue(reader, first, at, levels)
    if (map) at = compactValue(reader, second, at, levels)
  }
  return at
}

/** The number of elements or entries; `reader.at` is behind the head. */
export function compactSize(reader: Reader, map: boolean, start: number): number {
  if (map) {
    const size = takeVarint(reader, start)
    if (size > 0) reader.at = past(reader, reader.at, 1)
    return size
  }
  const head = reader.bytes[past(reader, start, 1) - 1]!
  reader.at = start + 1
  return head >> 4 === 15 ? takeVarint(reader, start + 1) : head >> 4
}
