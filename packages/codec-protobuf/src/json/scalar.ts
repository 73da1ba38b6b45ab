import {
  checkInteger,
  checkLong,
  checkString,
  checkUuid,
  integerRange,
  isBytes,
  longRange,
  mismatch,
  Refusal,
  receivedLong,
} from '@hawser/codec-base'
import type { EnumerationType, ResolvedType } from '@hawser/schema'
import { base64, bytesOf } from '../base64.js'
import type { EnumerationHints } from '../hints.js'

const decimal = /^-?(0|[1-9][0-9]*)(\.0+)?$/
const floating = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/
// More digits than 64 bits have, and a fraction of zeros.
const mostDigits = 40

type Parts = 'list' | 'set' | 'map' | 'struct' | 'union' | 'exception' | 'tuple'

/** A type without parts. */
export type ScalarType = Exclude<ResolvedType, { kind: Parts }>

/** A value without parts as canonical JSON. Throws Refusal. */
export function scalarToJson(type: ScalarType, value: unknown): unknown {
  switch (type.kind) {
    case 'bool':
      return typeof value === 'boolean' ? value : mismatch(value, 'bool')
    case 'float':
    case 'double': {
      if (typeof value !== 'number') return mismatch(value, type.kind)
      return Number.isFinite(value) ? value : String(value)
    }
    case 'i64':
    case 'u64':
      return String(checkLong(value, longRange(type)))
    case 'string':
      return checkString(value)
    case 'uuid':
      return checkUuid(value)
    case 'bytes':
      return typeof value === 'object' && value !== null && isBytes(value)
        ? base64(value)
        : mismatch(value, 'bytes')
    case 'enum': {
      const number = checkInteger(value, integerRange('enum'))
      return isNull(type) ? null : (type.names.get(number) ?? number)
    }
    default:
      return checkInteger(value, integerRange(type.kind)) + 0
  }
}

/** The value of canonical JSON, or of what else a parser of it takes: digits as text, numbers of enumerations. Throws Refusal. */
export function scalarOfJson(type: ScalarType, json: unknown): unknown {
  switch (type.kind) {
    case 'bool':
      return typeof json === 'boolean' ? json : mismatch(json, 'bool')
    case 'float':
    case 'double':
      return floatingOf(type.kind, json)
    case 'i64':
    case 'u64': {
      const long = typeof json === 'string' ? BigInt(digits(json)) : json
      if (typeof long !== 'bigint' && typeof long !== 'number') return mismatch(json, type.kind)
      return receivedLong(long, longRange(type))
    }
    case 'string':
      return checkString(json)
    case 'uuid':
      return checkUuid(json)
    case 'bytes':
      return typeof json === 'string' ? bytesOf(json) : mismatch(json, 'base64 text')
    case 'enum':
      return enumerationOf(type, json)
    default:
      return checkInteger(typeof json === 'string' ? Number(digits(json)) : json, integerRange(type.kind)) + 0
  }
}

/** Is it the enumeration whose one value is JSON's null? */
export function isNull({ name }: EnumerationType): boolean {
  return name === 'google.protobuf.NullValue'
}

function enumerationOf(type: EnumerationType, json: unknown): unknown {
  if (json === null && isNull(type)) return 0
  const { closed } = type as EnumerationHints
  if (typeof json === 'string' && Object.hasOwn(type.values, json)) return type.values[json]
  const number = checkInteger(json, integerRange('enum'))
  if (closed && !type.names.has(number)) throw new Refusal(`is no number of ${type.name}`)
  return number
}

function floatingOf(kind: 'float' | 'double', json: unknown): number {
  if (json === 'NaN' || json === 'Infinity' || json === '-Infinity') return Number(json)
  const number = typeof json === 'string' && floating.test(json) ? Number(json) : json
  if (typeof number !== 'number') return mismatch(json, kind)
  const rounded = kind === 'float' ? Math.fround(number) : number
  return Number.isFinite(rounded) ? rounded : mismatch(json, kind)
}

function digits(text: string): string {
  if (text.length > mostDigits || !decimal.test(text))
    throw new Refusal('is no whole number in decimal digits')
  return text.replace(/\..*$/, '')
}
