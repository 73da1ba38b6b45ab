import {
  type AnyType,
  bool,
  bytes,
  double,
  enumeration,
  exception,
  type Field,
  field,
  float,
  i8,
  i16,
  i32,
  i64,
  lazy,
  list,
  type Modified,
  map,
  optional,
  type Presence,
  resolved,
  safeI64,
  set,
  string,
  struct,
  tuple,
  u32,
  u64,
  union,
  uuid,
  withDefault,
} from '@hawser/schema'
import fc from 'fast-check'
import { readOf } from './schema-values.js'

/** A type, and a value of it as it may be written. */
export interface Typed {
  readonly type: AnyType
  readonly value: unknown
}

/** What the arbitrary types and values are kept to; as in `SchemaSupports`. Default: everything. */
export interface ArbitraryOptions {
  readonly nesting?: boolean
  readonly keys?: 'any' | 'simple'
  readonly emptyContainers?: boolean
  readonly nonFinite?: boolean
  readonly negativeZero?: boolean
}

type Containers = 'any' | 'none'

const color = enumeration('suite.Color', { none: 0, red: 1, green: 2, blue: -3 })
const simpleKeys: readonly AnyType[] = [bool, i8, i16, i32, i64, safeI64, u32, u64, string]
const scalars: readonly AnyType[] = [...simpleKeys, float, double, bytes, uuid, color]

// Names of inherited properties and of an Error's among them.
const key = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[a-z_][A-Za-z0-9_]{0,8}$/) },
  fc.constantFrom('toString', 'valueOf', 'hasOwnProperty', 'then', 'length', 'message', 'stack', 'name'),
)
const id = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 20 }) },
  { weight: 1, arbitrary: fc.integer({ min: 20_000, max: 32_767 }) },
)

/** Any type: structs in lists in maps, and types that are lazy. */
export function arbitraryType(options: ArbitraryOptions = {}): fc.Arbitrary<AnyType> {
  return typeOf(3, 'any', options)
}

/** Any value that may be written of a type. */
export function arbitraryValue(type: AnyType, options: ArbitraryOptions = {}): fc.Arbitrary<unknown> {
  return valuesOf(type, options, 0)
}

/** Any type with a value of it. What is read back is `readOf(type, value)`. */
export function arbitraryTyped(options: ArbitraryOptions = {}): fc.Arbitrary<Typed> {
  return arbitraryType(options).chain((type) => valuesOf(type, options, 0).map((value) => ({ type, value })))
}

function typeOf(depth: number, containers: Containers, options: ArbitraryOptions): fc.Arbitrary<AnyType> {
  const scalar = fc.constantFrom(...scalars)
  if (depth === 0) return scalar
  const element = typeOf(depth - 1, options.nesting === false ? 'none' : 'any', options)
  const anyKey = options.keys === 'simple' ? fc.constantFrom(...simpleKeys) : element
  const records = [
    fieldsOf(depth, options).map((fields) => struct('suite.Struct', fields) as AnyType),
    fieldsOf(depth, options).map((fields) => exception('suite.Exception', fields) as AnyType),
    membersOf(depth, options).map((fields) => union('suite.Union', fields) as AnyType),
    element.map((type) => lazy(() => type) as AnyType),
    elementsOf(depth, options).map((elements) => tuple(elements) as AnyType),
  ]
  const lists = [
    element.map((type) => list(type) as AnyType),
    element.map((type) => set(type) as AnyType),
    fc.tuple(anyKey, element).map(([key, value]) => map(key, value) as AnyType),
  ]
  return fc.oneof(
    { weight: 3, arbitrary: scalar },
    ...records.map((arbitrary) => ({ weight: 1, arbitrary })),
    ...(containers === 'any' ? lists.map((arbitrary) => ({ weight: 1, arbitrary })) : []),
  )
}

function fieldsOf(depth: number, options: ArbitraryOptions): fc.Arbitrary<Record<string, Field>> {
  const presence = fc.constantFrom('required', 'optional', 'default')
  return fc
    .uniqueArray(fc.record({ key, id, presence, type: typeOf(depth - 1, 'any', options) }), {
      maxLength: 6,
      selector: ({ key }) => key,
    })
    .map((drawn) => uniqueIds(drawn).map((each) => [each.key, fieldOf(each)] as const))
    .map((entries) => Object.fromEntries(entries))
}

function elementsOf(
  depth: number,
  options: ArbitraryOptions,
): fc.Arbitrary<readonly Modified<unknown, unknown, Presence>[]> {
  const types = (maxLength: number) => fc.array(typeOf(depth - 1, 'any', options), { maxLength })
  const presence = fc.constantFrom('optional', 'default')
  return fc.tuple(types(3), types(3), presence).map(([needed, others, presence]) => {
    const each = (presence: string) => (type: AnyType) => fieldOf({ id: 1, presence, type })
    return [...needed.map(each('required')), ...others.map(each(presence))]
  })
}

function membersOf(depth: number, options: ArbitraryOptions): fc.Arbitrary<Record<string, Field>> {
  const type = typeOf(depth - 1, options.nesting === false ? 'none' : 'any', options)
  return fc
    .uniqueArray(fc.record({ key, id, type }), { minLength: 1, maxLength: 4, selector: ({ key }) => key })
    .map((drawn) => uniqueIds(drawn).map(({ key, id, type }) => [key, field(id, type)] as const))
    .map((entries) => Object.fromEntries(entries))
}

function uniqueIds<T extends { readonly id: number }>(drawn: readonly T[]): T[] {
  const seen = new Set<number>()
  return drawn.filter(({ id }) => !seen.has(id) && seen.add(id))
}

function fieldOf(drawn: { id: number; presence: string; type: AnyType }): Field {
  const { id, presence, type } = drawn
  if (presence === 'required') return field(id, type) as Field
  if (presence === 'optional') return field(id, optional(type)) as Field
  let sample: readonly unknown[] | undefined
  // Made anew for each reader, of a value that is drawn once.
  const fallback = (): unknown => {
    sample ??= fc.sample(valuesOf(type, {}, 1), { seed: 7, numRuns: 1 })
    return readOf(type, sample[0])
  }
  return field(id, withDefault(type, fallback)) as Field
}

function valuesOf(type: AnyType, options: ArbitraryOptions, least: number): fc.Arbitrary<unknown> {
  const plain = resolved(type)
  switch (plain.kind) {
    case 'bool':
      return fc.boolean()
    case 'i8':
      return fc.integer({ min: -(2 ** 7), max: 2 ** 7 - 1 })
    case 'i16':
      return fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 })
    case 'i32':
      return fc.integer()
    case 'u32':
      return fc.integer({ min: 0, max: 2 ** 32 - 1 })
    case 'i64':
      if (plain.js === 'number') return fc.maxSafeInteger()
      return fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt(-300n, 300n))
    case 'u64':
      if (plain.js === 'number') return fc.maxSafeNat()
      return fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(0n, 300n))
    case 'float':
    case 'double':
      return floating(plain.kind, options)
    case 'string':
      return fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor'))
    case 'bytes':
      return fc.uint8Array({ maxLength: 20 })
    case 'uuid':
      return fc.uuid()
    case 'enum':
      return fc.oneof(fc.constantFrom(...Object.values(plain.values)), fc.integer())
    case 'list':
      return fc.array(valuesOf(plain.element, options, 0), { minLength: least, maxLength: 5 })
    case 'set':
      return fc
        .array(valuesOf(plain.element, options, 0), { minLength: least, maxLength: 5 })
        .map((elements) => new Set(elements))
    case 'map':
      return fc
        .array(fc.tuple(valuesOf(plain.key, options, 0), valuesOf(plain.value, options, 0)), {
          minLength: least,
          maxLength: 5,
        })
        .map((entries) => new Map(entries))
    case 'tuple':
      return recordOf(plain, options).map((parts) => plain.make(parts as object))
    case 'union':
      return fc.oneof(
        ...plain.fields.map(({ key, type }) =>
          valuesOf(type, options, 0).map((value) => Object.fromEntries([[key, value]])),
        ),
      )
    default:
      return recordOf(plain, options)
  }
}

function floating(kind: 'float' | 'double', options: ArbitraryOptions): fc.Arbitrary<number> {
  const { nonFinite = true, negativeZero = true } = options
  const bounds = { noNaN: !nonFinite, noDefaultInfinity: !nonFinite }
  const numbers = kind === 'float' ? fc.float(bounds) : fc.double(bounds)
  return negativeZero ? numbers : numbers.map((value) => value + 0)
}

function recordOf(
  plain: Extract<AnyType, { kind: 'struct' | 'exception' | 'tuple' }>,
  options: ArbitraryOptions,
): fc.Arbitrary<unknown> {
  const parts = plain.fields.map(({ key, type, presence }) => {
    const least = presence === 'required' || options.emptyContainers !== false ? 0 : 1
    const value = valuesOf(type, options, least)
    const written = presence === 'required' ? value : fc.option(value, { nil: undefined })
    return fc.tuple(fc.constant(key), written, fc.boolean())
  })
  // What is absent is undefined or no key.
  return fc
    .tuple(...parts)
    .map((drawn) =>
      Object.fromEntries(
        drawn.filter(([, value, said]) => value !== undefined || said).map(([key, value]) => [key, value]),
      ),
    )
}
