import { arbitraryTyped, readOf, sameTyped } from '@hawser/compliance/schema'
import { type Codec, RpcError, type Type } from '@hawser/contract'
import {
  type AnyType,
  bytes,
  double,
  enumeration,
  field,
  float,
  i8,
  i32,
  i64,
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
  withDefault,
} from '@hawser/schema'
import { decode, encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { msgpack as inBrowser } from '../src/browser/index.js'
import { msgpack } from '../src/index.js'

const codec = msgpack()
const named = msgpack({ keys: 'names' })

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function refused(
  t: Test,
  type: Type,
  text: string,
  message: RegExp,
  of: { typed(type: Type): Codec } = codec,
): void {
  try {
    of.typed(type).decode(hex(text))
    t.fail(`${text} was read`)
  } catch (error) {
    t.ok(RpcError.is(error) && error.code === 'invalid_argument', text)
    t.match((error as Error).message, message, text)
  }
}

const Point = struct('Point', { x: field(1, i32), y: field(2, withDefault(i32, 7)) })
const Wide = struct(
  'Wide',
  Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}`, field(i + 1, optional(i32))])),
)
const Far = struct('Far', { a: field(1000, i32), b: field(100_000, optional(i32)) })
const Shape = union('Shape', { circle: field(1, double), square: field(2, Point) })

t.test('the bytes of every kind of type', async (t) => {
  const samples: readonly (readonly [AnyType, unknown, string])[] = [
    [i8, -33, 'd0df'],
    [i32, -0, '00'],
    [u32, 2 ** 32 - 1, 'ceffffffff'],
    [i64, 7n, '07'],
    [i64, -(2n ** 63n), 'd38000000000000000'],
    [u64, 2n ** 64n - 1n, 'cfffffffffffffffff'],
    [safeI64, 2 ** 40, 'cf0000010000000000'],
    [double, 1, 'cb3ff0000000000000'],
    [float, 1.5, 'ca3fc00000'],
    [string, 'é', 'a2c3a9'],
    [bytes, Uint8Array.of(1, 2), 'c4020102'],
    [enumeration('E', { a: 1 }), 1, '01'],
    [list(i32), [1, 2], '920102'],
    [set(i32), new Set([1]), '9101'],
    [map(i32, string), new Map([[1, 'a']]), '8101a161'],
    [Point, { x: 1 }, '810101'],
    [Point, { x: 1, y: 2 }, '8201010202'],
    [Far, { a: 1, b: 2 }, '82cd03e801ce000186a002'],
    [Wide, { f19: 1 }, 'de00011401'],
    [Shape, { square: { x: 1 } }, '8102810101'],
  ]
  for (const [type, value, expected] of samples)
    t.equal(hexOf(codec.typed(type).encode(value as never)), expected, type.kind)
  t.equal(hexOf(named.typed(Point).encode({ x: 1, y: 2 })), '82a17801a17902')
  t.equal(hexOf(named.typed(Shape).encode({ circle: 0 })), '81a6636972636c65cb0000000000000000')
})

t.test('fields are found by their ids and by their names, in any order', async (t) => {
  for (const of of [codec, named]) {
    const layout = of.typed(list(Point))
    for (const text of [
      '91 82 01 01 02 02',
      '91 82 02 02 01 01',
      '91 82 a178 01 a179 02',
      '91 82 a179 02 01 01',
    ])
      t.strictSame(layout.decode(hex(text)), [{ x: 1, y: 2 }], text)
  }
})

t.test('whole numbers are read in every form, within the range of their type', async (t) => {
  for (const text of [
    '05',
    'cc05',
    'cd0005',
    'ce00000005',
    'cf0000000000000005',
    'd005',
    'd10005',
    'd200000005',
  ])
    for (const type of [i8, i32, u32, safeI64]) t.equal(codec.typed(type as Type).decode(hex(text)), 5, text)
  t.equal(codec.typed(i64).decode(hex('d3ffffffffffffffff')), -1n)
  t.equal(codec.typed(i32).decode(hex('d3ffffffff80000000')), -(2 ** 31))
  t.equal(codec.typed(double).decode(hex('cf0010000000000000')), 2 ** 52)
  t.equal(codec.typed(double).decode(hex('ca3fc00000')), 1.5)
  refused(t, i8, 'cc80', /is no i8/)
  refused(t, u32, 'ff', /is no u32/)
  refused(t, u64, 'd3ffffffffffffffff', /is no u64/)
  refused(t, i64, 'cf8000000000000000', /is no i64/)
  refused(t, safeI64, 'cf0020000000000000', /number holds exactly/)
  refused(t, i32, 'cb3ff0000000000000', /is no i32/)
  refused(t, i64, 'c0', /is no i64/)
})

t.test('what is there twice is refused', async (t) => {
  refused(t, Point, '82 01 01 01 02', /x twice/)
  refused(t, Point, '83 01 01 02 02 a178 03', /x twice/)
  refused(t, set(i32), '92 01 cc01', /twice/)
  refused(t, map(string, i32), '82 a161 01 d90161 02', /key twice/)
  refused(t, Shape, '82 01 01 02 81 01 01', /2 members/)
})

t.test('nil is the absence of what may be absent, and of nothing else', async (t) => {
  const Note = struct('Note', { text: field(1, optional(string)), limit: field(2, withDefault(i32, 3)) })
  t.strictSame(codec.typed(Note).decode(hex('82 01 c0 02 c0')), { limit: 3 })
  refused(t, Point, '81 01 c0', /value\.x is no i32/)
  refused(t, Shape, '81 01 c0', /value has 0 members of Shape/)
})

t.test('an unknown field is passed over, whatever it is', async (t) => {
  const tokens = [
    'c0',
    'c2',
    '7f',
    'ff',
    'cc00',
    'd10000',
    'ca00000000',
    'cb0000000000000000',
    'a161',
    'd90161',
  ]
  tokens.push(
    'da000161',
    'db0000000161',
    'c40100',
    'c5000100',
    'c60000000100',
    '90',
    '9190',
    '8101a0',
    'dc0001c0',
  )
  tokens.push(
    'dd00000000',
    'de0001a0c0',
    'df00000000',
    'd40000',
    'd50000 00',
    'd6ff00000000',
    `d700${'00'.repeat(8)}`,
  )
  tokens.push(`d800${'00'.repeat(16)}`, 'c7010000', 'c800010000', 'c9000000010000', '929182a0c0c2c390')
  for (const token of tokens)
    t.strictSame(codec.typed(Point).decode(hex(`83 01 01 09 ${token} 02 02`)), { x: 1, y: 2 }, token)
  for (const key of ['a17a', 'cd0400', 'ff', 'cfffffffffffffffff'])
    t.strictSame(codec.typed(Point).decode(hex(`82 01 01 ${key} 92 01 02`)), { x: 1, y: 7 }, key)
  refused(t, Point, '82 01 01 09 c1', /c1/)
  refused(t, Point, '82 01 01 c0 01', /no id and no name/)
  refused(t, Point, `82 01 01 09 ${'91'.repeat(63)}90`, /deeper than 64/)
  refused(t, Point, '82 01 01 09 ddffffffff', /end within/)
})

t.test('a declared size costs nothing before its bytes are there', async (t) => {
  for (const [type, text] of [
    [list(i32), 'ddffffffff'],
    [map(i32, i32), 'dfffffffff'],
    [Point, 'dfffffffff'],
    [string, 'dbffffffff'],
    [bytes, 'c6ffffffff'],
  ] as const)
    refused(t, type as Type, text, /end within/)
})

t.test('the path of what is wrong is told, without quoting it', async (t) => {
  const Holder = struct('Holder', { points: field(1, list(Point)), by: field(2, map(string, Point)) })
  refused(t, Holder, '82 01 92 81 01 01 81 01 a6736563726574 02 80', /^value\.points\[1\]\.x is no i32$/)
  refused(t, Holder, '82 01 90 02 81 a6736563726574 80', /^value\.by\[0\] lacks x, which is required$/)
})

t.test('another implementation of MessagePack reads and writes the same', async (t) => {
  const options = { useBigInt64: true }
  const Every = struct('Every', { id: field(1, i64), name: field(2, string), tags: field(3, list(double)) })
  const layout = named.typed(Every)
  const value = { id: 2n ** 60n, name: 'Zoë', tags: [1.5, -0] }
  t.strictSame(decode(layout.encode(value), options), value)
  t.strictSame(layout.decode(encode(value, options)), value)
  t.strictSame(codec.typed(Every).decode(encode(value, options)), value)
})

t.test('the entry for browsers writes the same bytes of types, and reads them', async (t) => {
  const other = inBrowser()
  fc.assert(
    fc.property(arbitraryTyped(), ({ type, value }) => {
      const written = codec.typed(type).encode(value)
      const theirs = other.typed(type)
      return (
        Buffer.compare(theirs.encode(value), written) === 0 &&
        sameTyped(theirs.decode(written), readOf(type, value))
      )
    }),
    { seed: 5, numRuns: 200 },
  )
  t.pass()
})
