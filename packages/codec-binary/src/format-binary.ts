import { javascript } from './dialect.js'
import { binaryDialect } from './dialect-binary.js'
import type { Format, Take } from './format.js'
import type { ScalarOp } from './plan.js'
import {
  floatOf,
  highOfSafe,
  outOfRange,
  putBinaryBytes,
  putBinaryLong,
  putBinaryText,
  wrong,
} from './put.js'
import {
  cutShort,
  doubleOf,
  longOf,
  otherType,
  type Reader,
  readBytes,
  safeLongOf,
  safeUnsignedLongOf,
  unsignedLongOf,
  wordOf,
} from './reader.js'
import { binaryWord, past, skipBinary } from './skip.js'
import { binaryTail, boolOf, stop } from './take.js'
import { readUtf8 } from './text.js'
import { putUuid, takeUuid } from './uuid.js'
import { binaryWire } from './wire.js'
import type { Writer } from './writer.js'

const { types, least } = binaryWire
const { rooms, lengthRoom, fieldRoom, headRoom } = binaryDialect(javascript)

/** The same value, when it is a whole number of the type. */
export function integerOf(value: unknown, op: ScalarOp, narrow: (value: number) => number): number {
  if (typeof value !== 'number' || value !== narrow(value)) outOfRange(value, op)
  return value
}

export const narrow8 = (value: number): number => (value << 24) >> 24
export const narrow16 = (value: number): number => (value << 16) >> 16
export const narrow32 = (value: number): number => value | 0
export const narrowU32 = (value: number): number => value >>> 0

/** The same value, when it is a boolean. */
export function booleanOf(value: unknown): boolean {
  if (typeof value !== 'boolean') wrong(value, 'a boolean')
  return value
}

/** The same value, when it is a number; one NaN for all. */
export function numberOf(value: unknown): number {
  if (typeof value !== 'number') wrong(value, 'a number')
  return Number.isNaN(value) ? Number.NaN : value
}

function putSafe(unsigned: boolean) {
  return ({ view }: Writer, value: unknown, at: number): number => {
    view.setInt32(at, highOfSafe(value, unsigned))
    view.setUint32(at + 4, value as number)
    return at + 8
  }
}

function takeLong(of: (high: number, low: number) => unknown): Take {
  return (reader) => {
    const { at } = reader
    reader.at = past(reader, at, 8)
    return of(binaryWord(reader, at) | 0, binaryWord(reader, at + 4) | 0)
  }
}

function fixed(size: number, of: (bytes: Uint8Array, at: number) => unknown): Take {
  return (reader) => {
    const { at } = reader
    reader.at = past(reader, at, size)
    return of(reader.bytes, at)
  }
}

function sized(of: (reader: Reader, at: number, length: number) => unknown): Take {
  return (reader) => of(reader, reader.at + 4, binaryWord(reader, reader.at))
}

/** Thrift's binary layout. */
export const binaryFormat: Format = {
  wire: binaryWire,
  rooms,
  lengthRoom,
  fieldRoom,
  headRoom,
  put: {
    bool({ bytes }, value, at) {
      bytes[at] = booleanOf(value) ? 1 : 0
      return at + 1
    },
    i8({ bytes }, value, at) {
      bytes[at] = integerOf(value, 'i8', narrow8)
      return at + 1
    },
    i16({ view }, value, at) {
      view.setInt16(at, integerOf(value, 'i16', narrow16))
      return at + 2
    },
    i32({ view }, value, at) {
      view.setInt32(at, integerOf(value, 'i32', narrow32))
      return at + 4
    },
    u32({ view }, value, at) {
      const whole = integerOf(value, 'u32', narrowU32)
      view.setUint32(at, 0)
      view.setUint32(at + 4, whole)
      return at + 8
    },
    i64: (writer, value, at) => putBinaryLong(writer, value, at, false),
    u64: (writer, value, at) => putBinaryLong(writer, value, at, true),
    safeI64: putSafe(false),
    safeU64: putSafe(true),
    double({ view }, value, at) {
      view.setFloat64(at, numberOf(value))
      return at + 8
    },
    float({ view }, value, at) {
      view.setFloat64(at, floatOf(value))
      return at + 8
    },
    string: putBinaryText,
    bytes: putBinaryBytes,
    uuid: putUuid,
  },
  take: {
    bool: fixed(1, (bytes, at) => boolOf(bytes[at]!, 1)),
    i8: fixed(1, (bytes, at) => narrow8(bytes[at]!)),
    i16: fixed(2, (bytes, at) => narrow16((bytes[at]! << 8) | bytes[at + 1]!)),
    i32: (reader) => {
      const value = binaryWord(reader, reader.at) | 0
      reader.at += 4
      return value
    },
    u32: takeLong(wordOf),
    i64: takeLong(longOf),
    u64: takeLong(unsignedLongOf),
    safeI64: takeLong(safeLongOf),
    safeU64: takeLong(safeUnsignedLongOf),
    double: takeLong(doubleOf),
    float: takeLong((high, low) => Math.fround(doubleOf(high, low))),
    string: sized(readUtf8),
    bytes: sized(readBytes),
    uuid: (reader) => takeUuid(reader, reader.at),
  },
  inHead: () => false,
  putField({ view }, { op }, id, _last, _value, at) {
    view.setInt32(at, (types[op] << 24) | (id << 8))
    return at + 3
  },
  putList({ bytes, view }, { op }, size, at) {
    bytes[at] = types[op]
    view.setUint32(at + 1, size)
    return at + 5
  },
  putMap({ bytes, view }, key, value, size, at) {
    bytes[at] = types[key.op]
    bytes[at + 1] = types[value.op]
    view.setUint32(at + 2, size)
    return at + 6
  },
  takeField(reader) {
    const { bytes, at, end } = reader
    if (at + 4 > end ? binaryTail(reader, at) === 0 : bytes[at] === 0) {
      reader.at = at + 1
      return stop
    }
    reader.at = at + 3
    return (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
  },
  heads: ({ op }, id) => [(types[op] << 16) | id],
  takeList(reader, { op }) {
    const { bytes, at } = reader
    const next = past(reader, at, 5)
    const size = binaryWord(reader, at + 1)
    if (size !== 0 && bytes[at] !== types[op]) otherType()
    if (size * least[op] > reader.end - next) cutShort()
    reader.at = next
    return size
  },
  takeMap(reader, key, value) {
    const { bytes, at } = reader
    const next = past(reader, at, 6)
    const size = binaryWord(reader, at + 2)
    if (size !== 0 && (bytes[at] !== types[key.op] || bytes[at + 1] !== types[value.op])) otherType()
    if (size * (least[key.op] + least[value.op]) > reader.end - next) cutShort()
    reader.at = next
    return size
  },
  skip(reader, head, levels) {
    reader.at = skipBinary(reader, head >> 16, reader.at, levels)
  },
}
