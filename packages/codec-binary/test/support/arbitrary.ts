import {
  type AnyType,
  bool,
  bytes,
  double,
  enumeration,
  exception,
  field,
  float,
  i8,
  i16,
  i32,
  i64,
  lazy,
  list,
  map,
  optional,
  safeI64,
  set,
  string,
  struct,
  u32,
  u64,
  union,
  uuid,
  withDefault,
} from '@hawser/schema'
import fc from 'fast-check'

/** A type, and its values. */
export interface Sample {
  readonly type: AnyType
  readonly values: fc.Arbitrary<unknown>
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ maxLength: 90 }),
  fc.string({ unit: 'binary', minLength: 60, maxLength: 400 }),
  fc.string({ maxLength: 40 }).map((some) => `\ufeff${some}é`),
)
const colors = enumeration('t.Color', { red: 0, green: -1, blue: 2 ** 31 - 1 })
const scalars: readonly Sample[] = [
  { type: bool, values: fc.boolean() },
  { type: i8, values: fc.integer({ min: -128, max: 127 }) },
  { type: i16, values: fc.integer({ min: -32_768, max: 32_767 }) },
  { type: i32, values: fc.integer() },
  { type: u32, values: fc.nat(2 ** 32 - 1) },
  {
    type: i64,
    values: fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.bigInt({ min: -300n, max: 300n }),
    ),
  },
  { type: u64, values: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
  { type: safeI64, values: fc.maxSafeInteger() },
  { type: { kind: 'u64', js: 'number' }, values: fc.maxSafeNat() },
  { type: float, values: fc.float() },
  { type: double, values: fc.double() },
  { type: string, values: text },
  { type: bytes, values: fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 300 })) },
  { type: uuid, values: fc.uuid() },
  { type: colors, values: fc.integer() },
]
// Those that JavaScript tells apart by what they are, without -0, which it takes for 0.
const keys = scalars
  .filter(({ type }) => !['bytes', 'bool'].includes(type.kind))
  .map(({ type, values }) => ({ type, values: values.map((value) => (value === 0 ? 0 : value)) }))

let made = 0
const name = (): string => `t.T${made++}`

/** Types with parts down to so many levels, each different from the last. */
export function samples(count: number, seed: number): readonly Sample[] {
  return fc.sample(sampleOf(3), { numRuns: count, seed })
}

function sampleOf(levels: number): fc.Arbitrary<Sample> {
  const leaf = fc.constantFrom(...scalars)
  if (levels === 0) return leaf
  const inner = sampleOf(levels - 1)
  const key = fc.constantFrom(...keys)
  return fc.oneof(
    { weight: levels === 3 ? 0 : 3, arbitrary: leaf },
    { weight: 1, arbitrary: inner.map(listOf) },
    { weight: 1, arbitrary: key.map(setOf) },
    { weight: 1, arbitrary: fc.tuple(key, inner).map(mapOf) },
    { weight: levels === 3 ? 8 : 2, arbitrary: fieldsOf(inner).map(structOf) },
    { weight: 1, arbitrary: fieldsOf(inner).map(exceptionOf) },
    { weight: 1, arbitrary: fc.array(inner, { minLength: 1, maxLength: 4 }).map(unionOf) },
    { weight: 1, arbitrary: inner.map(treeOf) },
  )
}

const listOf = ({ type, values }: Sample): Sample => ({
  type: list(type),
  values: fc.array(values, { maxLength: 20 }),
})

const setOf = ({ type, values }: Sample): Sample => ({
  type: set(type),
  values: fc.array(values, { maxLength: 20 }).map((each) => new Set(each)),
})

const mapOf = ([key, value]: readonly [Sample, Sample]): Sample => ({
  type: map(key.type, value.type),
  values: fc.array(fc.tuple(key.values, value.values), { maxLength: 8 }).map((each) => new Map(each)),
})

interface Member extends Sample {
  readonly key: string
  readonly id: number
  readonly presence: 'required' | 'optional' | 'default'
}

const names = ['a', 'b', 'p', 'x', 'class', 'message', 'toString', 'stack', 'name', 'f1', 'value', 'n']

function fieldsOf(inner: fc.Arbitrary<Sample>): fc.Arbitrary<readonly Member[]> {
  const member = fc.record({
    sample: inner,
    key: fc.constantFrom(...names),
    id: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 20_000, max: 32_767 })),
    presence: fc.constantFrom('required', 'optional', 'default'),
  })
  return fc
    .uniqueArray(member, { maxLength: 8, selector: ({ id }) => id })
    .map((members) => members.filter(({ key }, at) => members.findIndex((each) => each.key === key) === at))
    .map((members) => members.map(({ sample, ...rest }) => ({ ...sample, ...rest }) as Member))
}

function typesOf(members: readonly Member[]): Record<string, ReturnType<typeof field>> {
  const entries = members.map(({ key, id, presence, type, values }) => {
    const fallback = fc.sample(values, { numRuns: 1, seed: id })[0] as never
    const modified =
      presence === 'required'
        ? type
        : presence === 'optional'
          ? optional(type)
          : withDefault(type, () => fallback)
    return [key, field(id, modified as never)]
  })
  return Object.fromEntries(entries)
}

function valuesOf(members: readonly Member[]): fc.Arbitrary<Record<string, unknown>> {
  const parts = Object.fromEntries(members.map(({ key, values }) => [key, values]))
  const requiredKeys = members.filter(({ presence }) => presence === 'required').map(({ key }) => key)
  return fc.record(parts, { requiredKeys, noNullPrototype: true })
}

const structOf = (members: readonly Member[]): Sample => ({
  type: struct(name(), typesOf(members)),
  values: valuesOf(members),
})

function exceptionOf(all: readonly Member[]): Sample {
  // An error has these of its own.
  const members = all.filter(({ key }) => !['stack', 'toString', 'name'].includes(key))
  return { type: exception(name(), typesOf(members)), values: valuesOf(members) }
}

function unionOf(inner: readonly Sample[]): Sample {
  const fields = Object.fromEntries(inner.map(({ type }, at) => [`m${at}`, field(at * 17 + 1, type)]))
  return {
    type: union(name(), fields) as AnyType,
    values: fc.oneof(...inner.map(({ values }, at) => values.map((value) => ({ [`m${at}`]: value })))),
  }
}

function treeOf({ type, values }: Sample): Sample {
  const tree: AnyType = struct(name(), {
    value: field(1, type),
    left: field(2, optional(lazy(() => tree as never))),
    right: field(3, optional(lazy(() => tree as never))),
  }) as AnyType
  const { node } = fc.letrec((tie) => ({
    node: fc.record(
      { value: values, left: tie('node'), right: tie('node') },
      { requiredKeys: ['value'], noNullPrototype: true },
    ),
  }))
  return {
    type: tree,
    values: fc.oneof(
      { depthSize: 'small' },
      values.map((value) => ({ value })),
      node,
    ),
  }
}
