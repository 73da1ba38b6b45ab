import {
  bool,
  bytes,
  double,
  enumeration,
  exception,
  field,
  type Infer,
  i8,
  i16,
  i32,
  i64,
  list,
  map,
  optional,
  set,
  string,
  struct,
  union,
} from '@hawser/schema'
import fc from 'fast-check'

// The same as in fixtures/values.thrift.
const Color = enumeration('values.Color', { RED: 0, GREEN: 1, BLUE: 2147483647, LOW: -2147483648 })
const Inner = struct('values.Inner', { number: field(1, i32), text: field(2, optional(string)) })
const Choice = union('values.Choice', {
  text: field(1, string),
  inner: field(2, Inner),
  numbers: field(300, list(i64)),
})
const Failure = exception('values.Failure', { message: field(1, string), code: field(2, optional(i32)) })

export const Everything = struct('values.Everything', {
  yes: field(1, optional(bool)),
  no: field(2, optional(bool)),
  octet: field(3, optional(i8)),
  short: field(4, optional(i16)),
  word: field(5, optional(i32)),
  long: field(6, optional(i64)),
  real: field(7, optional(double)),
  text: field(8, optional(string)),
  octets: field(9, optional(bytes)),
  color: field(10, optional(Color)),
  inner: field(11, optional(Inner)),
  bools: field(12, optional(list(bool))),
  words: field(13, optional(list(i32))),
  texts: field(14, optional(list(string))),
  nested: field(30, optional(list(list(Inner)))),
  longs: field(31, optional(set(i64))),
  names: field(32, optional(set(string))),
  counts: field(33, optional(map(string, i32))),
  deep: field(34, optional(map(i32, map(string, list(double))))),
  sides: field(35, optional(map(bool, Inner))),
  choice: field(400, optional(Choice)),
  failure: field(401, optional(Failure)),
  small: field(32_767, optional(list(i8))),
})
export type Everything = Infer<typeof Everything>

const text = fc.string({ unit: 'binary', maxLength: 40 })
const i64s = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -99n, max: 99n }),
)
const inner = fc.record({ number: fc.integer(), text }, { requiredKeys: ['number'], noNullPrototype: true })
const entries = <K, V>(key: fc.Arbitrary<K>, value: fc.Arbitrary<V>) =>
  fc.array(fc.tuple(key, value), { maxLength: 5 }).map((each) => new Map(each))

/** Values of it. */
export const everything: fc.Arbitrary<Everything> = fc.record(
  {
    yes: fc.boolean(),
    no: fc.boolean(),
    octet: fc.integer({ min: -128, max: 127 }),
    short: fc.integer({ min: -32_768, max: 32_767 }),
    word: fc.integer(),
    long: i64s,
    real: fc.double(),
    text: fc.oneof(text, fc.string({ minLength: 100, maxLength: 300 })),
    octets: fc.uint8Array({ maxLength: 200 }),
    color: fc.constantFrom(0, 1, 2147483647, -2147483648) as fc.Arbitrary<0 | 1>,
    inner,
    bools: fc.array(fc.boolean(), { maxLength: 20 }),
    words: fc.array(fc.integer(), { maxLength: 20 }),
    texts: fc.array(text, { maxLength: 5 }),
    nested: fc.array(fc.array(inner, { maxLength: 3 }), { maxLength: 3 }),
    longs: fc.array(i64s, { maxLength: 20 }).map((each) => new Set(each)),
    names: fc.array(text, { maxLength: 5 }).map((each) => new Set(each)),
    counts: entries(text, fc.integer()),
    deep: entries(fc.integer(), entries(text, fc.array(fc.double(), { maxLength: 3 }))),
    sides: entries(fc.boolean(), inner),
    choice: fc.oneof(
      text.map((some) => ({ text: some })),
      inner.map((some) => ({ inner: some })),
      fc.array(i64s, { maxLength: 20 }).map((numbers) => ({ numbers })),
    ),
    failure: fc
      .record({ message: text, code: fc.integer() }, { requiredKeys: ['message'] })
      .map((fields) => new Failure(fields) as InstanceType<typeof Failure>),
    small: fc.array(fc.integer({ min: -128, max: 127 }), { maxLength: 20 }),
  },
  { requiredKeys: [], noNullPrototype: true },
) as fc.Arbitrary<Everything>
