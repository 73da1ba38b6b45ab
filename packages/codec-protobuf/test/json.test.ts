import { field, i32, list, optional, string, struct, union, withDefault } from '@hawser/schema'
import t from 'tap'
import { fromJson, toJson } from '../src/json.js'
import { parse } from '../src/proto.js'
import { throwsTyped } from './support/throws.js'

const { types } = parse(`syntax = "proto3"; package x;
import "google/protobuf/timestamp.proto"; import "google/protobuf/duration.proto"; import "google/protobuf/struct.proto";
import "google/protobuf/field_mask.proto"; import "google/protobuf/wrappers.proto";
enum Kind { NONE = 0; ONE = 1; }
message T {
  int32 an_int = 1; int64 a_long = 2; double a_double = 3; float a_float = 4; bytes some_bytes = 5; Kind kind = 6; bool flag = 7;
  map<bool, int32> by_bool = 8; map<int64, string> by_long = 9; oneof either { int32 left = 10; string right = 11; } uint64 big = 12;
  map<string, string> by_text = 13; T inner = 14;
}
message K {
  google.protobuf.Timestamp at = 1; google.protobuf.Duration span = 2; google.protobuf.Value value = 3; google.protobuf.FieldMask mask = 4;
  google.protobuf.Int64Value count = 5; google.protobuf.Struct struct = 6;
}`)
const T = types['x.T']!
const K = types['x.K']!
const blank = fromJson(T, {})

t.test(
  'a parser takes names as in .proto, text for numbers, numbers for text, null for nothing',
  async (t) => {
    const cases: readonly (readonly [unknown, object])[] = [
      [{ an_int: 5 }, { anInt: 5 }],
      [{ anInt: '5' }, { anInt: 5 }],
      [
        { anInt: '5.0', aLong: 7 },
        { anInt: 5, aLong: 7n },
      ],
      [
        { aLong: '-9223372036854775808', big: '18446744073709551615' },
        { aLong: -(2n ** 63n), big: 2n ** 64n - 1n },
      ],
      [
        { aDouble: '1e3', aFloat: 'NaN' },
        { aDouble: 1000, aFloat: Number.NaN },
      ],
      [{ someBytes: '-_8' }, { someBytes: Uint8Array.of(251, 255) }],
      [{ someBytes: '+/8=' }, { someBytes: Uint8Array.of(251, 255) }],
      [{ kind: 1 }, { kind: 1 }],
      [
        { kind: 'ONE', flag: null, left: null, right: '' },
        { kind: 1, right: '' },
      ],
      [
        { byBool: { true: 1, false: 0 } },
        {
          byBool: new Map([
            [true, 1],
            [false, 0],
          ]),
        },
      ],
      [{ byLong: { '-1': 'x' } }, { byLong: new Map([[-1n, 'x']]) }],
      [JSON.parse('{"byText": {"__proto__": "x"}}'), { byText: new Map([['__proto__', 'x']]) }],
    ]
    for (const [json, value] of cases) t.strictSame(fromJson(T, json), { ...blank, ...value })
    t.strictSame(Object.keys(toJson(T, { byText: new Map([['__proto__', 'x']]) }) as { byText: object }), [
      'byText',
    ])
  },
)

t.test('what is none is refused, with its path', async (t) => {
  const bad: readonly unknown[] = [
    null,
    1,
    'x',
    [],
    { unknown: 1 },
    { anInt: 1.5 },
    { anInt: '1.5' },
    { anInt: 2 ** 31 },
    { anInt: '' },
    { anInt: true },
    { anInt: ' 1' },
    { aLong: '9223372036854775808' },
    { aLong: 1.5 },
    { aLong: 2 ** 53 },
    { aLong: '1'.repeat(100_000) },
    { big: '-1' },
    { aDouble: 'x' },
    { aDouble: '0x10' },
    { aFloat: 1e300 },
    { someBytes: 'a' },
    { someBytes: 'a*==' },
    { someBytes: 1 },
    { kind: 'TWO' },
    { kind: 'toString' },
    { flag: 'true' },
    { flag: 1 },
    { byBool: { yes: 1 } },
    { byBool: [] },
    { byLong: { x: '' } },
    { left: 1, right: 'x' },
    { an_int: 1, anInt: 2 },
    { byText: { a: null } },
    JSON.parse('{"__proto__": {"anInt": 1}}'),
  ]
  for (const json of bad)
    throwsTyped(t, () => fromJson(T, json), 'bad_payload', JSON.stringify(json).slice(0, 60))
  t.strictSame(fromJson(T, { unknown: 1, anInt: 2 }, { ignoreUnknown: true }), { ...blank, anInt: 2 })
  const error = throwsTyped(
    t,
    () => fromJson(T, { inner: { inner: { anInt: 'x' } } }),
    'bad_payload',
    'inside',
  )
  t.match(error?.message, /value\.inner\.inner\.anInt/)
  for (const value of [{ anInt: 1.5 }, { aLong: 1 }, { left: 1, right: 'x' }, { byText: {} }, null])
    throwsTyped(t, () => toJson(T, value as never), 'bad_payload', 'written')
  const loop: { inner?: unknown } = {}
  loop.inner = loop
  t.throws(() => toJson(T, loop), { code: 'invalid_argument' })
})

t.test('depth is bounded', async (t) => {
  let deep: object = {}
  for (let i = 0; i < 70; i++) deep = { inner: deep }
  throwsTyped(t, () => fromJson(T, deep), 'too_deep', 'messages')
  let list: unknown = 1
  for (let i = 0; i < 5000; i++) list = [list]
  throwsTyped(t, () => fromJson(K, { value: list }), 'too_deep', 'values')
})

t.test('times', async (t) => {
  const at = (text: string): unknown => (fromJson(K, { at: text }) as { at: unknown }).at
  t.strictSame(at('1970-01-01T00:00:00Z'), { seconds: 0n, nanos: 0 })
  t.strictSame(at('2024-02-29T23:59:59.5+01:30'), { seconds: 1709245799n, nanos: 500_000_000 })
  t.strictSame(at('0001-01-01T00:00:00.000000001Z'), { seconds: -62_135_596_800n, nanos: 1 })
  const wrong = [
    '',
    '2023-02-29T00:00:00Z',
    '2024-01-01',
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:00:60Z',
    '2024-13-01T00:00:00Z',
    '2024-01-01T00:00:00',
    '0001-01-01T00:00:00+01:00',
    '2024-01-01t00:00:00Z',
    '9999-12-31T23:59:59-01:00',
    '2024-01-01T00:00:00.1234567890Z',
  ]
  for (const text of wrong) throwsTyped(t, () => at(text), 'bad_payload', text)
  const span = (text: string): unknown => (fromJson(K, { span: text }) as { span: unknown }).span
  t.strictSame(span('-1.5s'), { seconds: -1n, nanos: -500_000_000 })
  t.strictSame(span('-0.000000001s'), { seconds: 0n, nanos: -1 })
  for (const text of ['', '1', 's', '1.s', '.5s', '315576000001s', '1e3s', '--1s'])
    throwsTyped(t, () => span(text), 'bad_payload', text)
  for (const value of [
    { at: { seconds: -(10n ** 12n) } },
    { at: { nanos: -1 } },
    { span: { seconds: 1n, nanos: -1 } },
    { at: { seconds: 1 } },
    { mask: { paths: ['fooBar'] } },
    { value: {} },
    { value: { numberValue: Number.NaN } },
  ])
    throwsTyped(t, () => toJson(K, value), 'bad_payload', 'written')
})

t.test('types of one’s own have it too', async (t) => {
  const Shape = union('x.Shape', { circle: field(1, i32), text: field(2, string) })
  const Mine = struct('x.Mine', {
    id: field(1, i32),
    tags: field(2, list(string)),
    shape: field(3, optional(Shape)),
    size: field(4, withDefault(i32, 7)),
  })
  t.strictSame(toJson(Mine, { id: 0, tags: [], size: 7 }), { id: 0 })
  t.strictSame(toJson(Mine, { id: 1, tags: ['a'], shape: { circle: 0 }, size: 0 }), {
    id: 1,
    tags: ['a'],
    shape: { circle: 0 },
    size: 0,
  })
  t.strictSame(fromJson(Mine, { id: 0 }), { id: 0, tags: [], size: 7 })
  for (const json of [{}, { id: 1, shape: {} }, { id: 1, shape: { circle: 1, text: '' } }])
    throwsTyped(t, () => fromJson(Mine, json), 'bad_payload', JSON.stringify(json))
})
