import {
  checkInteger,
  checkLong,
  checkString,
  checkUuid,
  integerRange,
  isBytes,
  longRange,
  mismatch,
  Plans,
  receivedLong,
} from '@hawser/codec-base'
import { type AnyType, type ResolvedType, resolved } from '@hawser/schema'
import { listPlan, mapPlan, setPlan, tuplePlan } from './container-plan.js'
import { expected } from './elements.js'
import { recordPlan } from './record-plan.js'
import type { TokenReader } from './token-reader.js'
import type { TypedWriter } from './typed-writer.js'

/** How the values of one type are laid out. */
export interface Plan {
  /** Throws Refusal. */
  write(value: unknown, out: TypedWriter): void
  /** Throws Refusal, and RpcError for bytes that are no MessagePack. */
  read(from: TokenReader): unknown
}

/** What the fields of structs are written under. */
export type Keys = 'ids' | 'names'

/** The plans of a codec's types. */
export function plans(keys: Keys): (type: AnyType) => Plan {
  const made = new Plans<ResolvedType, Plan>(
    (type) => planOf(type, of, keys),
    (later) => ({
      write: (value, out) => later().write(value, out),
      read: (from) => later().read(from),
    }),
  )
  const of = (type: AnyType): Plan => made.of(resolved(type))
  return of
}

function planOf(type: ResolvedType, of: (type: AnyType) => Plan, keys: Keys): Plan {
  switch (type.kind) {
    case 'bool':
      return boolPlan
    case 'i8':
    case 'i16':
    case 'i32':
    case 'u32':
    case 'enum':
      return integerPlan(type.kind)
    case 'i64':
    case 'u64':
      return longPlan(type.kind, type.js)
    case 'float':
    case 'double':
      return floatingPlan(type.kind)
    case 'string':
      return stringPlan
    case 'bytes':
      return bytesPlan
    case 'uuid':
      return uuidPlan
    case 'list':
      return listPlan(of(type.element))
    case 'set':
      return setPlan(of(type.element))
    case 'map':
      return mapPlan(of(type.key), of(type.value))
    case 'struct':
    case 'exception':
    case 'union':
      return recordPlan(type, of, keys)
    case 'tuple':
      return tuplePlan(type, of)
    default:
      throw new TypeError(`MessagePack has no layout for a type of the kind ${Reflect.get(type, 'kind')}`)
  }
}

const boolPlan: Plan = {
  write(value, out) {
    if (typeof value !== 'boolean') mismatch(value, 'bool')
    out.tokens.bool(value)
  },
  read: (from) => from.bool() ?? expected('bool'),
}

const stringPlan: Plan = {
  write: (value, out) => out.tokens.text(checkString(value)),
  read: (from) => from.text() ?? expected('string'),
}

const uuidPlan: Plan = {
  write: (value, out) => out.tokens.text(checkUuid(value)),
  read: (from) => checkUuid(from.text()),
}

const bytesPlan: Plan = {
  write(value, out) {
    if (typeof value !== 'object' || value === null || !isBytes(value)) mismatch(value, 'bytes')
    out.tokens.bytes(value)
  },
  read: (from) => from.bytes() ?? expected('bytes'),
}

function integerPlan(kind: string): Plan {
  const range = integerRange(kind)
  return {
    write(value, out) {
      // Adding 0 makes 0 of -0.
      out.tokens.integer(checkInteger(value, range) + 0)
    },
    read: (from) => checkInteger(from.whole() ?? expected(kind), range),
  }
}

function longPlan(kind: string, js: 'bigint' | 'number'): Plan {
  const range = longRange({ kind, js })
  return {
    write: (value, out) => out.tokens.long(checkLong(value, range)),
    read: (from) => receivedLong(from.whole() ?? expected(kind), range),
  }
}

function floatingPlan(kind: 'float' | 'double'): Plan {
  const single = kind === 'float'
  return {
    write(value, out) {
      if (typeof value !== 'number') mismatch(value, kind)
      if (single) out.tokens.float(value)
      else out.tokens.double(value)
    },
    read(from) {
      const number = from.number() ?? expected(kind)
      return single ? Math.fround(number) : number
    },
  }
}
