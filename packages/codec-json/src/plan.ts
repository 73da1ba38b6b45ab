import { Plans } from '@hawser/codec-base'
import { type AnyType, type ResolvedType, resolved } from '@hawser/schema'
import { listPlan, setPlan, tuplePlan } from './container-plan.js'
import { enumPlan } from './enum-plan.js'
import { mapPlan } from './map-plan.js'
import { recordPlan, unionPlan } from './record-plan.js'
import {
  boolPlan,
  bytesPlan,
  floatingPlan,
  integerPlan,
  longPlan,
  stringPlan,
  uuidPlan,
} from './scalar-plan.js'

/** What counts the values of a message that is being written. */
export interface Count {
  /** Counts so many. Throws Refusal. */
  add(values: number): void
  /** Goes into an array or object. Throws Refusal. */
  enter(): void
  leave(): void
}

/** How the values of one type are laid out. */
export interface Plan {
  /** The value as JSON text. Throws Refusal. */
  write(value: unknown, count: Count): string
  /** The value of what JSON.parse has made. Throws Refusal. */
  read(json: unknown): unknown
  /** The value as the key of an object, where it can be one. */
  readonly key?: KeyPlan
}

/** How the values of one type are keys of an object. */
export interface KeyPlan {
  /** Text, not yet quoted. Throws Refusal. */
  write(value: unknown): string
  /** Throws Refusal. */
  read(key: string): unknown
}

/** What the numbers of enumerations are written as. */
export type Enums = 'names' | 'numbers'

/** The plans of a codec's types. */
export function plans(enums: Enums): (type: AnyType) => Plan {
  const made = new Plans<ResolvedType, Plan>(
    (type) => planOf(type, of, enums),
    (later) => ({
      write: (value, count) => later().write(value, count),
      read: (json) => later().read(json),
    }),
  )
  const of = (type: AnyType): Plan => made.of(resolved(type))
  return of
}

function planOf(type: ResolvedType, of: (type: AnyType) => Plan, enums: Enums): Plan {
  switch (type.kind) {
    case 'bool':
      return boolPlan
    case 'i8':
    case 'i16':
    case 'i32':
    case 'u32':
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
    case 'enum':
      return enumPlan(type, enums)
    case 'list':
      return listPlan(of(type.element))
    case 'set':
      return setPlan(of(type.element))
    case 'map':
      return mapPlan(of(type.key), of(type.value))
    case 'struct':
    case 'exception':
      return recordPlan(type, of)
    case 'tuple':
      return tuplePlan(type, of)
    case 'union':
      return unionPlan(type, of)
    default:
      throw new TypeError(`JSON has no layout for a type of the kind ${Reflect.get(type, 'kind')}`)
  }
}
