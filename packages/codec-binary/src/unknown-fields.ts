import { putVarint } from './put.js'
import type { Reader } from './reader.js'
import type { Writer } from './writer.js'

/** A field that the reader's type does not have, as it was on the wire. */
export interface UnknownField {
  readonly id: number
  /** The layout's number for its type. */
  readonly type: number
  readonly bytes: Uint8Array
}

// Beside the objects, so that they look and compare as if nothing had been kept.
const known = new WeakMap<object, readonly UnknownField[]>()
const longestHead = 4

/** Copies a field that was just skipped. */
export function unknownField(
  reader: Reader,
  id: number,
  type: number,
  start: number,
  end: number,
): UnknownField {
  return { id, type, bytes: new Uint8Array(reader.bytes.subarray(start, end)) }
}

/** Remembers the fields for when the object is written again. */
export function withUnknown<T>(value: T, fields: readonly UnknownField[] | undefined): T {
  if (fields !== undefined) known.set(value as object, fields)
  return value
}

/** How many bytes the fields of an object take that were kept for it. */
export function measureUnknown(value: object): number {
  const fields = known.get(value)
  return fields === undefined ? 0 : fields.reduce((sum, { bytes }) => sum + longestHead + bytes.length, 0)
}

/** Writes them, with heads that say their whole id. Where they were among the others is not kept. */
export function putUnknown(writer: Writer, value: object, start: number, compact: boolean): number {
  let at = start
  for (const { id, type, bytes } of known.get(value) ?? []) {
    writer.bytes[at++] = type
    if (compact) at = putVarint(writer.bytes, (id << 1) ^ (id >> 31), at)
    else {
      writer.view.setInt16(at, id)
      at += 2
    }
    writer.bytes.set(bytes, at)
    at += bytes.length
  }
  return at
}
