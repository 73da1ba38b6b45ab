import {
  type AnyType,
  bool,
  bytes,
  double,
  type Field,
  field,
  float,
  i32,
  i64,
  inForm,
  list,
  map,
  optional,
  type StructType,
  string,
  u32,
  u64,
  withDefault,
} from '@hawser/schema'
import protobufjs from 'protobufjs'
import { delimited, expanded } from '../hints.js'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const scalars: ReadonlyMap<string, AnyType> = new Map<string, AnyType>([
  ['double', double],
  ['float', float],
  ['int32', i32],
  ['sint32', inForm(i32, 'zigzag')],
  ['sfixed32', inForm(i32, 'fixed')],
  ['uint32', u32],
  ['fixed32', inForm(u32, 'fixed')],
  ['int64', i64],
  ['sint64', inForm(i64, 'zigzag')],
  ['sfixed64', inForm(i64, 'fixed')],
  ['uint64', u64],
  ['fixed64', inForm(u64, 'fixed')],
  ['bool', bool],
  ['string', string],
  ['bytes', bytes],
])

/** What fields refer to. */
export interface Scope {
  /** The type of a message or an enumeration. */
  typeOf(of: protobufjs.Type | protobufjs.Enum): AnyType
  readonly exact: ReadonlyMap<number, bigint>
}

/** A field as a schema has it. */
export function fieldOf(of: protobufjs.Field, scope: Scope): Field {
  const { id, resolvedType } = of
  const named = resolvedType ? scope.typeOf(resolvedType) : scalars.get(of.type)!
  const type: AnyType = of.delimited ? delimited(named as StructType) : named
  if (of instanceof protobufjs.MapField)
    return field(
      id,
      withDefault(map(scalars.get(of.keyType)!, type), () => new Map()),
    )
  if (of.repeated) {
    const elements = list(type)
    const packs = of.packed || type.kind === 'string' || type.kind === 'bytes' || type.kind === 'struct'
    return field(
      id,
      withDefault(packs || type.kind === 'lazy' ? elements : expanded(elements), () => []),
    )
  }
  if (of.required) return field(id, type)
  const given: unknown = of.options?.default
  const hasDefault = given !== undefined && given !== null
  if (of.partOf && !isSynthetic(of.partOf)) return field(id, optional(type))
  if (resolvedType instanceof protobufjs.Type || (of.hasPresence && !hasDefault))
    return field(id, optional(type))
  const fallback = hasDefault ? defaultOf(of, type, given, scope) : zeroOf(type)
  return field(id, withDefault(type, fallback))
}

/** Is it only there because the field is `optional`? */
export function isSynthetic({ fieldsArray }: protobufjs.OneOf): boolean {
  return fieldsArray.length === 1 && fieldsArray[0]!.options?.proto3_optional === true
}

function zeroOf(type: AnyType): unknown {
  switch (type.kind) {
    case 'bool':
      return false
    case 'string':
      return ''
    case 'bytes':
      return () => new Uint8Array(0)
    case 'i64':
    case 'u64':
      return 0n
    case 'enum':
      return type.names.keys().next().value
    default:
      return 0
  }
}

function defaultOf(of: protobufjs.Field, type: AnyType, given: unknown, { exact }: Scope): unknown {
  switch (type.kind) {
    case 'i64':
    case 'u64':
      return exact.get(Number(given)) ?? BigInt(Number(given))
    case 'enum': {
      const value = typeof given === 'string' ? type.values[given] : Number(given)
      if (value === undefined)
        throw new TypeError(`${of.fullName.slice(1)} has a default that its enumeration lacks`)
      return value
    }
    case 'bytes':
      return () => octets(given)
    case 'string':
      return utf8.decode(octets(given))
    case 'bool':
      return given === true
    case 'float':
      return Math.fround(numberOf(given, exact))
    default:
      return numberOf(given, exact)
  }
}

/** A text by its bytes: each is a character of it. */
function octets(given: unknown): Uint8Array {
  return Uint8Array.from(String(given), (character) => character.charCodeAt(0))
}

/** What is too long for a double is rounded once, to the nearest. */
function numberOf(given: unknown, exact: Scope['exact']): number {
  return Number(exact.get(Number(given)) ?? given)
}
