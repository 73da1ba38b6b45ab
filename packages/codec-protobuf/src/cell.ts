import { type AnyType, type IntegerForm, resolved } from '@hawser/schema'
import type { EnumerationHints } from './hints.js'
import { type Cell, type MessageLayout, type ScalarKind, wire } from './layout.js'

const wires: Readonly<Record<ScalarKind, number>> = {
  int: wire.varint,
  sint: wire.varint,
  sfixed: wire.fixed32,
  uint: wire.varint,
  fixed: wire.fixed32,
  long: wire.varint,
  slong: wire.varint,
  sfixed64: wire.fixed64,
  ulong: wire.varint,
  fixed64: wire.fixed64,
  float: wire.fixed32,
  double: wire.fixed64,
  bool: wire.varint,
  string: wire.bytes,
  uuid: wire.bytes,
  bytes: wire.bytes,
}

const nothing = new Uint8Array(0)

function scalar(kind: ScalarKind, zero: unknown, more: Partial<Cell> = {}): Cell {
  return {
    kind,
    wire: wires[kind],
    low: -(2 ** 31),
    high: 2 ** 31 - 1,
    safe: false,
    numbers: undefined,
    message: undefined,
    zero,
    ...more,
  }
}

/** The place of a message. */
export function messageCell(message: MessageLayout): Cell {
  return { ...scalar('bytes', undefined, { message }), kind: 'message' }
}

function integer(bits: number, form: IntegerForm | undefined): Cell {
  const kind = form === 'zigzag' ? 'sint' : form === 'fixed' ? 'sfixed' : 'int'
  return scalar(kind, 0, { low: -(2 ** (bits - 1)), high: 2 ** (bits - 1) - 1 })
}

/** The place of a value without parts; undefined for a type with parts. */
export function scalarCell(type: AnyType): Cell | undefined {
  const each = resolved(type)
  switch (each.kind) {
    case 'bool':
      return scalar('bool', false)
    case 'i8':
      return integer(8, each.form)
    case 'i16':
      return integer(16, each.form)
    case 'i32':
      return integer(32, each.form)
    case 'u32':
      return scalar(each.form === 'fixed' ? 'fixed' : 'uint', 0, { low: 0, high: 2 ** 32 - 1 })
    case 'i64':
    case 'u64': {
      const safe = each.js === 'number'
      const signed = each.kind === 'i64'
      const fixed = each.form === 'fixed'
      const zigzag = each.form === 'zigzag'
      const kind = signed ? (fixed ? 'sfixed64' : zigzag ? 'slong' : 'long') : fixed ? 'fixed64' : 'ulong'
      return scalar(kind, safe ? 0 : 0n, { safe })
    }
    case 'float':
    case 'double':
      return scalar(each.kind, 0)
    case 'string':
      return scalar('string', '')
    case 'bytes':
      return scalar('bytes', nothing)
    case 'uuid':
      return scalar('uuid', undefined)
    case 'enum': {
      const { closed = false } = each as EnumerationHints
      const [first = 0] = each.names.keys()
      return scalar('int', closed ? first : 0, closed ? { numbers: each.names } : {})
    }
    default:
      return undefined
  }
}
