import { type RpcError, type SchemaCodec, virtualClock } from '@hawser/contract'
import {
  bool,
  bytes,
  double,
  field,
  i32,
  i64,
  list,
  map,
  optional,
  set,
  string,
  struct,
} from '@hawser/schema'
import t from 'tap'
import { type BinaryOptions, binary, compact } from '../src/index.js'

const Tick = struct('t.Tick', {
  at: field(1, i64),
  symbol: field(2, string),
  note: field(3, optional(string)),
})
const tick = { at: 5n, symbol: 'HWSR' }
const each: readonly (readonly [string, (options?: BinaryOptions) => SchemaCodec])[] = [
  ['binary', binary],
  ['compact', compact],
]
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))

for (const [name, make] of each) {
  t.test(`TH-32 ${name}: values are read and written without any call`, async (t) => {
    const codec = make().typed(Tick)
    const encoded: Uint8Array = codec.encode(tick, 3)
    const decoded: { at: bigint; symbol: string; note?: string | undefined } = codec.decode(
      encoded.subarray(3),
    )
    t.strictSame(decoded, tick)
    t.equal(codec.name, name)
  })

  t.test(`${name}: without a type it carries nothing but undefined`, async (t) => {
    const codec = make()
    t.equal(codec.encode(undefined).length, 0)
    t.strictSame(codec.encode(undefined, 4), new Uint8Array(4))
    t.equal(codec.decode(new Uint8Array(0)), undefined)
    t.throws(() => codec.encode(1), {
      code: 'invalid_argument',
      reason: 'bad_payload',
      executed: 'no',
      message: /type/,
    })
    t.throws(() => codec.decode(Uint8Array.of(0)), {
      code: 'invalid_argument',
      reason: 'bad_payload',
      message: /type/,
    })
    t.throws(() => codec.encode(undefined, -1), TypeError)
  })

  t.test(`${name}: a type has its codec once, and each codec its own`, async (t) => {
    const codec = make()
    t.equal(codec.typed(Tick), codec.typed(Tick))
    t.not(codec.typed(Tick), make().typed(Tick))
    t.equal(codec.typed(Tick).contentType, codec.contentType)
    t.match(codec.contentType, /^application\/vnd\.apache\.thrift\./)
  })

  t.test(`${name}: types without a layout are refused when they are named`, async (t) => {
    const far = struct('t.Far', { a: field(32_768, bool) })
    t.throws(() => make().typed(far), { name: 'TypeError', message: /t\.Far\.a .*32,767/ })
    t.throws(() => make().typed(list(far)), TypeError)
    t.throws(() => make().typed({ kind: 'decimal' }), TypeError)
    t.throws(() => make({ limits: { depth: -1 } }), TypeError)
  })

  t.test(`${name}: the objects of a type have their keys in one order`, async (t) => {
    const Some = struct('t.Some', {
      c: field(1, optional(i32)),
      b: field(2, i32),
      a: field(3, optional(i32)),
      d: field(4, i32),
    })
    const codec = make().typed(Some)
    const keys = (value: { c?: number; a?: number }): string =>
      Object.keys(codec.decode(codec.encode({ d: 1, b: 2, ...value }))).join('')
    t.equal(keys({ a: 1, c: 1 }), 'bdca')
    t.equal(keys({ c: 1 }), 'bdc')
    t.equal(keys({ a: 1 }), 'bda')
    t.equal(keys({}), 'bd')
  })

  t.test(`${name}: large messages, and many small ones in front of each other`, async (t) => {
    const codec = make().typed(
      struct('t.Texts', { texts: field(1, list(string)), blob: field(2, optional(bytes)) }),
    )
    const { random } = virtualClock(3)
    for (const size of [0, 1, 100, 255, 256, 3000, 9000, 70_000]) {
      const letters = ['x', 'é', '€', '🪢']
      const texts = Array.from({ length: 20 }, (_, i) =>
        letters[i % 4]!.repeat(Math.floor((random() * size) / 4)),
      )
      const value = { texts, blob: new Uint8Array(size).fill(7) }
      const found = codec.decode(codec.encode(value))
      t.strictSame(found.texts, texts)
      t.equal(Buffer.compare(found.blob!, value.blob), 0)
      const message = codec.encode({ texts: new Array(500).fill('é'.repeat(200)) })
      t.ok(message.buffer.byteLength < message.length * 1.2, 'short texts waste no room in a large message')
    }
  })
}

t.test('binary: readers take what other writers may send', async (t) => {
  const codec = binary().typed(
    struct('t.L', { list: field(1, optional(list(i32))), map: field(2, optional(map(i32, bool))) }),
  )
  t.strictSame(codec.decode(hex('0f0001 0b 00000000 00')), { list: [] }, 'an empty list of another type')
  t.strictSame(codec.decode(hex('0d0002 00 00 00000000 00')), { map: new Map() }, 'an empty map of no types')
  t.strictSame(codec.decode(hex('080001 00000001 00')), {}, 'a field of another type is an unknown one')
  t.throws(() => codec.decode(hex('0f0001 06 00000001 0001 00')), {
    code: 'invalid_argument',
    reason: 'bad_payload',
  })
  t.throws(() => codec.decode(hex('0d0002 08 03 00000001 00000001 01 00')), {
    code: 'invalid_argument',
    reason: 'bad_payload',
  })
  t.throws(() => codec.decode(hex('0d0002 08 02 00000001 00000001 02 00')), {
    code: 'invalid_argument',
    reason: 'bad_payload',
  })
})

t.test('compact: readers take what other writers may send', async (t) => {
  const codec = compact().typed(
    struct('t.L', { bools: field(1, optional(list(bool))), yes: field(2, optional(bool)) }),
  )
  t.strictSame(codec.decode(hex('19 31 010200 00')), { bools: [true, false, false] })
  t.strictSame(
    codec.decode(hex('19 32 010200 00')),
    { bools: [true, false, false] },
    'of the other bool type',
  )
  t.strictSame(codec.decode(hex('19 08 00')), { bools: [] }, 'an empty list of another type')
  t.strictSame(
    codec.decode(hex('09 02 f1 03 010202 00')),
    { bools: [true, false, false] },
    'a long head, a long size',
  )
  t.strictSame(codec.decode(hex('21 00')), { yes: true })
  t.strictSame(codec.decode(hex('02 04 00')), { yes: false })
  t.throws(() => codec.decode(hex('19 11 03 00')), { code: 'invalid_argument', reason: 'bad_payload' })
  t.throws(() => codec.decode(hex('19 35 02 00')), { code: 'invalid_argument', reason: 'bad_payload' })
})

t.test('what is there twice is refused', async (t) => {
  const Pair = struct('t.Pair', {
    a: field(1, optional(i32)),
    s: field(2, optional(set(i32))),
    m: field(3, optional(map(i32, i32))),
  })
  const codec = binary().typed(Pair)
  t.throws(() => codec.decode(hex('080001 00000001 080001 00000002 00')), {
    message: 't.Pair.a is there twice',
  })
  t.throws(() => codec.decode(hex('0e0002 08 00000002 00000001 00000001 00')), {
    code: 'invalid_argument',
    reason: 'bad_payload',
  })
  t.throws(() => codec.decode(hex('0d0003 08 08 00000002 00000001 00000001 00000001 00000002 00')), {
    code: 'invalid_argument',
    reason: 'bad_payload',
  })
})

t.test('variable-length integers are no longer than they have to be', async (t) => {
  const codec = compact().typed(
    struct('t.V', { word: field(1, optional(i32)), long: field(2, optional(i64)) }),
  )
  t.strictSame(codec.decode(hex('15 ffffffff0f 00')), { word: -(2 ** 31) })
  t.strictSame(codec.decode(hex('26 ffffffffffffffffff01 00')), { long: -(2n ** 63n) })
  for (const wrong of [
    '15 8000 00',
    '15 ffffffff1f 00',
    '15 ffffffffff01 00',
    '26 8000 00',
    '26 ffffffffffffffffff02 00',
    '26 ffffffffffffffffffff01 00',
  ])
    t.throws(
      () => codec.decode(hex(wrong)),
      { code: 'invalid_argument', reason: 'bad_payload', message: /longer/ },
      wrong,
    )
})

t.test('values that only seem different are refused before others have to', async (t) => {
  const { float } = await import('@hawser/schema')
  const codec = binary().typed(set(float))
  t.throws(() => codec.encode(new Set([0.1, Math.fround(0.1)])), {
    code: 'invalid_argument',
    reason: 'bad_payload',
  })
  t.throws(
    () =>
      binary()
        .typed(map(float, i32))
        .encode(
          new Map([
            [0.1, 1],
            [Math.fround(0.1), 1],
          ]),
        ),
    { code: 'invalid_argument', reason: 'bad_payload' },
  )
  t.throws(() => binary().typed(float).encode(1e300), { message: /float/ })
  t.equal(
    binary().typed(float).decode(binary().typed(float).encode(Number.NEGATIVE_INFINITY)),
    Number.NEGATIVE_INFINITY,
  )
})

t.test('a value that changes while it is encoded is refused, and harms no other message', async (t) => {
  const Grow = struct('t.Grow', { list: field(1, list(double)), trap: field(2, i32) })
  const codec = binary().typed(struct('t.Outer', { grow: field(1, Grow), rest: field(2, list(double)) }))
  const rest: number[] = []
  let inner: Uint8Array | undefined
  const value = {
    grow: {
      list: [],
      get trap() {
        inner = binary().typed(string).encode('kept')
        for (let i = 0; i < 2000; i++) rest.push(i)
        return 1
      },
    },
    rest,
  }
  let error: RpcError | undefined
  try {
    codec.encode(value)
  } catch (thrown) {
    error = thrown as RpcError
  }
  t.equal(error?.reason, 'bad_payload')
  t.equal(binary().typed(string).decode(inner!), 'kept')
  t.strictSame(codec.decode(codec.encode({ grow: { list: [1], trap: 1 }, rest: [] })).grow.list, [1])
})

t.test('a default may decode in turn', async (t) => {
  const inner = binary().typed(Tick)
  const message = inner.encode(tick)
  const { withDefault } = await import('@hawser/schema')
  const codec = binary().typed(
    struct('t.Nested', {
      a: field(
        1,
        withDefault(Tick, () => inner.decode(message)),
      ),
      z: field(2, list(string)),
    }),
  )
  const value = codec.decode(codec.encode({ z: ['one', 'two'] }))
  t.strictSame(value, { a: tick, z: ['one', 'two'] })
})
