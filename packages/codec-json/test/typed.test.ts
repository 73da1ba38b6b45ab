import { RpcError, type Type } from '@hawser/contract'
import {
  type AnyType,
  bool,
  bytes,
  double,
  enumeration,
  field,
  float,
  i32,
  i64,
  list,
  map,
  optional,
  safeI64,
  set,
  string,
  struct,
  u64,
  union,
  uuid,
  withDefault,
} from '@hawser/schema'
import t, { type Test } from 'tap'
import { json } from '../src/index.js'

const codec = json()
const Color = enumeration('Color', { red: 1, green: 2, crimson: 1 })
const Point = struct('Point', { x: field(1, i32), y: field(2, withDefault(i32, 7)) })
const Note = struct('Note', { text: field(1, optional(string)), at: field(2, optional(Point)) })
const Shape = union('Shape', { circle: field(1, double), square: field(2, Point) })

const read = (type: Type, text: string): unknown => codec.typed(type).decode(Buffer.from(text))
const written = (type: Type, value: unknown): string =>
  Buffer.from(codec.typed(type).encode(value)).toString()

function refused(t: Test, type: Type, text: string, message = /^value/): void {
  try {
    t.fail(`${text} was read as ${String(read(type, text))}`)
  } catch (error) {
    t.ok(RpcError.is(error) && error.code === 'invalid_argument', text)
    t.match((error as Error).message, message, text)
  }
}

t.test('the text of every kind of type, and back', async (t) => {
  const id = '8e3b5c60-12ab-4cde-8f01-23456789abcd'
  const samples: readonly (readonly [AnyType, unknown, string])[] = [
    [bool, true, 'true'],
    [i32, -5, '-5'],
    [i64, -(2n ** 63n), '"-9223372036854775808"'],
    [u64, 2n ** 64n - 1n, '"18446744073709551615"'],
    [safeI64, 2 ** 53 - 1, '"9007199254740991"'],
    [double, 2 ** 64, '1.8446744073709552e+19'],
    [double, -0, '-0'],
    [double, Number.NaN, '"NaN"'],
    [float, Number.NEGATIVE_INFINITY, '"-Infinity"'],
    [float, Math.fround(0.1), '0.10000000149011612'],
    [string, '"\n', '"\\"\\n"'],
    [bytes, Uint8Array.of(1, 2, 3, 4), '"AQIDBA=="'],
    [uuid, id, `"${id}"`],
    [Color, 1, '"red"'],
    [Color, -9, '-9'],
    [list(bool), [true], '[true]'],
    [set(i64), new Set([1n]), '["1"]'],
    [map(i64, bool), new Map([[-1n, true]]), '{"-1":true}'],
    [map(bool, i32), new Map([[false, 0]]), '{"false":0}'],
    [map(uuid, i32), new Map([[id, 0]]), `{"${id}":0}`],
    [map(string, i32), new Map([['"', 0]]), '{"\\"":0}'],
    [map(bytes, i32), new Map([[Uint8Array.of(), 0]]), '[["",0]]'],
    [Note, { text: 'a', at: { x: 1, y: 2 } }, '{"text":"a","at":{"x":1,"y":2}}'],
    [Shape, { square: { x: 1, y: 7 } }, '{"square":{"x":1,"y":7}}'],
  ]
  for (const [type, value, text] of samples) {
    t.equal(written(type, value), text)
    t.same(read(type, ` ${text}\n`), value, text)
  }
})

t.test('keys that change prototypes are keys like others: of a map, or of nobody', async (t) => {
  const text = '{"__proto__":1,"constructor":{"prototype":2}}'
  t.strictSame(read(Note, text), {})
  t.same(
    [...(read(map(string, i32), '{"__proto__":1,"prototype":2}') as Map<string, number>).keys()],
    ['__proto__', 'prototype'],
  )
  const [[key, point] = []] = [
    ...(read(map(string, Note), '{"__proto__":{"text":"a"}}') as Map<string, object>),
  ]
  t.equal(key, '__proto__')
  t.equal(Object.getPrototypeOf(point), Object.prototype)
  t.equal(Reflect.get({}, 'text'), undefined)
  refused(t, map(string, i32), '{"__proto__":1,"__proto__":2}', /key twice/)
  t.throws(() => codec.decode(Buffer.from(text)), 'without a type they are refused')
})

t.test('64 bits are read from digits, or from a number that is exact', async (t) => {
  t.equal(read(i64, '7'), 7n)
  t.equal(read(i64, '-0'), 0n)
  t.equal(read(safeI64, '"-7"'), -7)
  for (const text of ['"1.0"', '""', '" 1"', '"0x1"', '"1e3"', '"+1"', '"01"', '"-0"', '1.5', 'null', 'true'])
    refused(t, i64, text)
  refused(t, i64, '"9223372036854775808"')
  refused(t, i64, `"${'9'.repeat(100_000)}"`)
  refused(t, i64, '9007199254740992', /2\^53/)
  refused(t, u64, '"-1"')
  refused(t, safeI64, '"9007199254740992"')
})

t.test('base64 is read in both alphabets, padded or not, in one spelling each', async (t) => {
  for (const text of ['"+/8="', '"+/8"', '"-_8="', '"-_8"'])
    t.same(read(bytes, text), Uint8Array.of(0xfb, 0xff), text)
  for (const text of ['"+/9="', '"+"', '"+/8=="', '"+/ 8"', '[1]']) refused(t, bytes, text, /./)
})

t.test('an enumeration is read by any of its names, or its number', async (t) => {
  t.equal(read(Color, '"crimson"'), 1)
  t.equal(read(Color, '2'), 2)
  t.equal(read(Color, '99'), 99)
  for (const text of ['"blue"', '"toString"', '"2"', '1.5', '4294967296']) refused(t, Color, text)
  t.same(
    [...(read(map(Color, i32), '{"green":1,"99":2}') as Map<number, number>)],
    [
      [99, 2],
      [2, 1],
    ],
  )
  refused(t, map(Color, i32), '{"red":1,"crimson":2}', /key twice/)
})

t.test('null is the absence of what may be absent, and of nothing else', async (t) => {
  t.strictSame(read(Note, '{"text":null,"at":null}'), {})
  t.strictSame(read(Point, '{"x":1,"y":null}'), { x: 1, y: 7 })
  refused(t, Point, '{"x":null}', /^value\.x is null, not i32$/)
  refused(t, Shape, '{"circle":null}')
  refused(t, list(i32), '[null]')
})

t.test('a container of another shape is refused', async (t) => {
  refused(t, list(i32), '{"0":1}')
  refused(t, map(string, i32), '[["a",1]]')
  refused(t, map(double, i32), '{"0.5":1}')
  refused(t, map(double, i32), '[[0.5,1,2]]')
  refused(t, map(double, i32), '[[0.5,1],[0.5,2]]', /key twice/)
  refused(t, set(i32), '[1,1]', /twice/)
  refused(t, Point, '[1]')
  refused(t, Shape, '{}')
  refused(t, Shape, '{"circle":1,"square":{"x":1}}')
})

t.test('the path of what is wrong is told, without quoting it', async (t) => {
  const Holder = struct('Holder', { points: field(1, list(Point)), by: field(2, map(string, Point)) })
  refused(
    t,
    Holder,
    '{"points":[{"x":1},{"x":"secret"}],"by":{}}',
    /^value\.points\[1\]\.x is a string, not i32$/,
  )
  refused(t, Holder, '{"points":[],"by":{"secret":{}}}', /^value\.by\[0\] lacks x, which is required$/)
})
