import { readFileSync } from 'node:fs'
import { sameValue } from '@hawser/compliance/codec'
import { RpcError } from '@hawser/contract'
import t from 'tap'
import { msgpack } from '../src/index.js'

class Point {
  readonly x = 1
}

/** For each row of the README's table: pairs of what is sent and what arrives, or values that are errors. */
const rows: Readonly<
  Record<string, { arrives?: readonly (readonly [unknown, unknown])[]; errors?: readonly unknown[] }>
> = {
  '`undefined`, the whole value': { arrives: [[undefined, undefined]] },
  '`undefined`, a property': { arrives: [[{ a: undefined, b: 1 }, { b: 1 }]] },
  '`undefined`, in an array; a hole': { errors: [[undefined], new Array(1)] },
  '`null`, `true`, `false`': { arrives: [null, true, false].map((each) => [each, each]) },
  'integer up to 2^53 - 1': { arrives: [1, -1, 2 ** 53 - 1, -(2 ** 53 - 1)].map((each) => [each, each]) },
  'any other number': { arrives: [0.5, 2 ** 53, 2 ** 64, 1e300].map((each) => [each, each]) },
  '`-0`': { arrives: [[-0, -0]] },
  '`NaN`, `Infinity`, `-Infinity`': {
    arrives: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((each) => [each, each]),
  },
  'bigint that is a safe integer': {
    arrives: [0n, 5n, -5n, 2n ** 53n - 1n].map((each) => [each, Number(each)]),
  },
  'bigint from -2^63 to 2^64 - 1': {
    arrives: [2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n, -(2n ** 53n), -(2n ** 63n)].map(
      (each) => [each, each],
    ),
  },
  'any other bigint': { errors: [2n ** 64n, -(2n ** 63n) - 1n, 10n ** 100n] },
  string: { arrives: [['é€😀', 'é€😀']] },
  'string with half a surrogate pair': { errors: ['\ud800', { '\udc00': 1 }] },
  'array, subclasses too': { arrives: [[Object.assign(/a/.exec('a') as object, {}), ['a']]] },
  'plain object, also without prototype': {
    arrives: [
      [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
      [Object.defineProperty({ a: 1, [Symbol('s')]: 2 }, 'hidden', { value: 3 }), { a: 1 }],
    ],
  },
  'getter, proxy': {
    arrives: [
      [
        {
          get a() {
            return 1
          },
        },
        { a: 1 },
      ],
      [new Proxy({ a: 1 }, {}), { a: 1 }],
    ],
  },
  '`toJSON` method': { errors: [{ toJSON: () => 1 }] },
  'key `__proto__`; key `prototype` under `constructor`': {
    errors: [JSON.parse('{"__proto__":1}'), { constructor: { prototype: 1 } }],
    arrives: [
      [
        { constructor: { a: 1 }, prototype: 1 },
        { constructor: { a: 1 }, prototype: 1 },
      ],
    ],
  },
  '`Uint8Array`, `Buffer`': {
    arrives: [
      [Uint8Array.of(1, 2), Uint8Array.of(1, 2)],
      [Buffer.of(3), Uint8Array.of(3)],
    ],
  },
  '`Date`': { arrives: [[new Date(1), new Date(1)]] },
  'invalid `Date`': { errors: [new Date(Number.NaN)] },
  'function, symbol': { errors: [() => 1, Symbol('s')] },
  '`Map`, `Set`, `RegExp`, `Error`, class instance': {
    errors: [new Map(), new Set(), /x/, new Error('x'), new Point()],
  },
  'boxed primitive': { errors: [Object(1), Object('x'), Object(true), Object(1n)] },
  'other typed array, `ArrayBuffer`, `DataView`': {
    errors: [
      new Uint8ClampedArray(1),
      new Float64Array(1),
      new ArrayBuffer(1),
      new DataView(new ArrayBuffer(1)),
    ],
  },
  cycle: { errors: [cyclic()] },
}

function cyclic(): unknown {
  const loop: Record<string, unknown> = {}
  loop.self = loop
  return loop
}

t.test('the table of the README is what happens', async (t) => {
  const codec = msgpack()
  for (const [label, { arrives = [], errors = [] }] of Object.entries(rows)) {
    for (const [sent, arrived] of arrives) t.ok(sameValue(codec.decode(codec.encode(sent)), arrived), label)
    for (const value of errors)
      t.throws(
        () => codec.encode(value),
        { code: 'invalid_argument', reason: 'bad_payload', executed: 'no' },
        label,
      )
  }
})

t.test('every row of that table is tested', async (t) => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, table = ''] = readme.split('## What travels')
  const labels = table
    .slice(0, table.indexOf('\n\nAn error'))
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split(' | ')[0]?.slice(2).trim())
  t.strictSame(labels.slice(1), Object.keys(rows))
})

t.test('values of another realm travel as those of this one', async (t) => {
  const { runInNewContext } = await import('node:vm')
  const codec = msgpack()
  const value = runInNewContext('({ list: [1], bytes: new Uint8Array([1, 2]) })')
  t.ok(sameValue(codec.decode(codec.encode(value)), { list: [1], bytes: Uint8Array.of(1, 2) }))
})

t.test('the message of an error names the value, and what to look for', async (t) => {
  const message = (value: unknown): string => {
    try {
      msgpack().encode(value)
    } catch (error) {
      if (RpcError.is(error)) return error.message
    }
    return 'nothing was thrown'
  }
  t.equal(
    message({ a: [{ 'b c': new Map() }] }),
    'value.a[0]["b c"] is an instance of Map, which MessagePack cannot carry',
  )
  t.equal(message(Symbol('x')), 'value is a symbol, which MessagePack cannot carry')
  t.equal(message([1, undefined]), 'value[1] is undefined inside an array, which MessagePack cannot carry')
  t.match(message(cyclic()), /^value.*\.self is part of a cycle, which cannot be encoded$/)
  t.ok(message({ [`k${'x'.repeat(10_000)}`]: { [`l${'y'.repeat(10_000)}`]: 1n << 70n } }).length < 500)
})
