import { javascript } from './dialect.js'
import { compactDialect } from './dialect-compact.js'
import type { Format, Take } from './format.js'
import { booleanOf, integerOf, narrow8, narrow16, narrow32, narrowU32, numberOf } from './format-binary.js'
import type { ScalarOp } from './plan.js'
import {
  floatOf,
  highOfSafe,
  putCompactBytes,
  putCompactHead,
  putCompactListHead,
  putCompactLong,
  putCompactText,
  putVarint,
  putWords,
} from './put.js'
import {
  cutShort,
  doubleOf,
  longOf,
  type Reader,
  readBytes,
  safeLongOf,
  safeUnsignedLongOf,
  unsignedLongOf,
  wordOf,
} from './reader.js'
import { past, skipCompact } from './skip.js'
import {
  boolOf,
  checkId,
  shortOf,
  stop,
  takeCompactHead,
  takeCompactListHead,
  takeCompactMapHead,
  takeVarint,
  takeWords,
} from './take.js'
import { readUtf8 } from './text.js'
import { putUuid, takeUuid } from './uuid.js'
import { compactWire } from './wire.js'
import type { Writer } from './writer.js'

const { types, least } = compactWire
const { rooms, lengthRoom, fieldRoom, headRoom } = compactDialect(javascript)

function putInteger(op: ScalarOp, narrow: (value: number) => number) {
  return ({ bytes }: Writer, value: unknown, at: number): number => {
    const whole = integerOf(value, op, narrow)
    return putVarint(bytes, (whole << 1) ^ (whole >> 31), at)
  }
}

function putSafe(unsigned: boolean) {
  return ({ bytes }: Writer, value: unknown, at: number): number =>
    putWords(bytes, highOfSafe(value, unsigned), (value as number) >>> 0, at)
}

function takeInteger(reader: Reader): number {
  const zigzag = takeVarint(reader, reader.at)
  return (zigzag >>> 1) ^ -(zigzag & 1)
}

function takeLong(of: (high: number, low: number) => unknown): Take {
  return (reader) => {
    const high = takeWords(reader, reader.at)
    return of(high, reader.low)
  }
}

function takeDouble(reader: Reader): number {
  const { bytes, at } = reader
  reader.at = past(reader, at, 8)
  const word = (from: number): number =>
    (bytes[from + 3]! << 24) | (bytes[from + 2]! << 16) | (bytes[from + 1]! << 8) | bytes[from]!
  return doubleOf(word(at + 4), word(at))
}

function takeOctet(of: (byte: number) => unknown): Take {
  return (reader) => {
    const { at } = reader
    reader.at = past(reader, at, 1)
    return of(reader.bytes[at]!)
  }
}

function sized(of: (reader: Reader, at: number, length: number) => unknown): Take {
  return (reader) => {
    const length = takeVarint(reader, reader.at)
    return of(reader, reader.at, length)
  }
}

/** Thrift's compact layout. */
export const compactFormat: Format = {
  wire: compactWire,
  rooms,
  lengthRoom,
  fieldRoom,
  headRoom,
  put: {
    bool({ bytes }, value, at) {
      bytes[at] = booleanOf(value) ? 1 : 2
      return at + 1
    },
    i8({ bytes }, value, at) {
      bytes[at] = integerOf(value, 'i8', narrow8)
      return at + 1
    },
    i16: putInteger('i16', narrow16),
    i32: putInteger('i32', narrow32),
    u32: ({ bytes }, value, at) => putWords(bytes, 0, integerOf(value, 'u32', narrowU32), at),
    i64: (writer, value, at) => putCompactLong(writer, value, at, false),
    u64: (writer, value, at) => putCompactLong(writer, value, at, true),
    safeI64: putSafe(false),
    safeU64: putSafe(true),
    double({ view }, value, at) {
      view.setFloat64(at, numberOf(value), true)
      return at + 8
    },
    float({ view }, value, at) {
      view.setFloat64(at, floatOf(value), true)
      return at + 8
    },
    string: putCompactText,
    bytes: putCompactBytes,
    uuid: putUuid,
  },
  take: {
    bool: takeOctet((byte) => boolOf(byte, 2)),
    i8: takeOctet(narrow8),
    i16: (reader) => shortOf(takeInteger(reader)),
    i32: takeInteger,
    u32: takeLong(wordOf),
    i64: takeLong(longOf),
    u64: takeLong(unsignedLongOf),
    safeI64: takeLong(safeLongOf),
    safeU64: takeLong(safeUnsignedLongOf),
    double: takeDouble,
    float: (reader) => Math.fround(takeDouble(reader)),
    string: sized(readUtf8),
    bytes: sized(readBytes),
    uuid: (reader) => takeUuid(reader, reader.at),
  },
  inHead: (op) => op === 'bool',
  putField({ bytes }, { op }, id, last, value, at) {
    return putCompactHead(bytes, op === 'bool' ? (booleanOf(value) ? 1 : 2) : types[op], id, last, at)
  },
  putList: ({ bytes }, { op }, size, at) => putCompactListHead(bytes, types[op], size, at),
  putMap({ bytes }, key, value, size, at) {
    const next = putVarint(bytes, size, at)
    if (size === 0) return next
    bytes[next] = (types[key.op] << 4) | types[value.op]
    return next + 1
  },
  takeField(reader, last) {
    const { bytes, at, end } = reader
    if (at >= end) cutShort()
    const byte = bytes[at]!
    if (byte > 0 && byte < 16) return takeCompactHead(reader, at)
    reader.at = at + 1
    return byte === 0 ? stop : (((last >> 4) + (byte >> 4)) << 4) | (byte & 15)
  },
  heads: ({ op }, id) => (op === 'bool' ? [(id << 4) | 1, (id << 4) | 2] : [(id << 4) | types[op]]),
  takeList(reader, { op }) {
    const size = takeCompactListHead(reader, reader.at, types[op])
    if (size * least[op] > reader.end - reader.at) cutShort()
    return size
  },
  takeMap(reader, key, value) {
    const size = takeCompactMapHead(reader, reader.at, types[key.op], types[value.op])
    if (size * (least[key.op] + least[value.op]) > reader.end - reader.at) cutShort()
    return size
  },
  skip(reader, head, levels) {
    checkId(head)
    reader.at = skipCompact(reader, head & 15, reader.at, levels)
  },
}
