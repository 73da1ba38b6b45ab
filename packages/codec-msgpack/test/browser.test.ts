import { readFileSync } from 'node:fs'
import { type CodecVectors, codecSuite, codecVectors, sameValue } from '@hawser/compliance/codec'
import { type Limits, RpcError } from '@hawser/contract'
import fc from 'fast-check'
import t from 'tap'
import { msgpack as small } from '../src/browser/index.js'
import { msgpack } from '../src/index.js'
import { msgpack as untyped } from '../src/untyped.js'

const create = (limits: Limits) => small({ limits })
const vectors = new URL('../../../docs/vectors/codec-msgpack.json', import.meta.url)

codecSuite({
  test: t,
  create,
  supports: { bytes: 'bytes', bigint: true, date: true, nonFinite: true, negativeZero: true },
})
codecVectors({ test: t, create }, JSON.parse(readFileSync(vectors, 'utf8')) as CodecVectors)
const codecs = [msgpack(), small()] as const

/** What comes of it, on the usual way and on the one for browsers. */
function both(use: (codec: (typeof codecs)[number]) => unknown): readonly [unknown, unknown] {
  const [one, other] = codecs.map((codec) => {
    try {
      return use(codec)
    } catch (error) {
      if (!RpcError.is(error)) throw error
      return `${error.code}/${error.reason}`
    }
  })
  return [one, other]
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

t.test('it writes the very bytes of the usual way, or refuses the same', async (t) => {
  const { any } = fc.letrec((tie) => ({
    any: fc.oneof({ maxDepth: 5 }, tie('leaf'), tie('list'), tie('map')),
    leaf: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.double(),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }),
      fc.constantFrom(null, true, undefined, -0, Symbol.iterator, 2 ** 53, -(2 ** 53), '\ud800', '\ufeffx'),
      fc.date(),
      fc.uint8Array({ maxLength: 300 }),
    ),
    list: fc.array(tie('any'), { maxLength: 20 }),
    map: fc.dictionary(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor', 'prototype')),
      tie('any'),
      { maxKeys: 20 },
    ),
  }))
  fc.assert(
    fc.property(any, fc.nat(300), (value, headroom) => {
      const [usual, here] = both((codec) => hex(codec.encode(value, headroom)))
      return usual === here
    }),
    { seed: 1, numRuns: 1_000 },
  )
  t.pass()
})

t.test('it reads what the usual way reads, and refuses the same', async (t) => {
  const likely = fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(0x81, 0x91, 0xa1, 0xc4, 0xc7, 0xcb, 0xcf, 0xd6, 0xd7, 0xdf, 0xff),
  )
  const bytes = fc.array(likely, { maxLength: 60 }).map((list) => Uint8Array.from(list))
  const mutated = fc
    .tuple(
      fc.object({ withBigInt: true, withDate: true, maxDepth: 4 }),
      fc.nat(),
      fc.integer({ min: 0, max: 255 }),
    )
    .map(([value, at, byte]) => {
      const changed = new Uint8Array(
        codecs[1].encode(
          JSON.parse(JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? Number(each) : each))),
        ),
      )
      changed[at % changed.length] = byte
      return changed
    })
  fc.assert(
    fc.property(fc.oneof(bytes, fc.uint8Array({ maxLength: 200 }), mutated), (input) => {
      const [usual, here] = both((codec) => codec.decode(input))
      return sameValue(here, usual)
    }),
    { seed: 2, numRuns: 4_000 },
  )
  t.pass()
})

t.test('a value that encodes in turn does no harm', async (t) => {
  const codec = small()
  const value = {
    a: 'before',
    get b() {
      return hex(codec.encode(['inside']))
    },
    c: 'after',
  }
  t.same(codec.decode(codec.encode(value)), { a: 'before', b: '91a6696e73696465', c: 'after' })
})

t.test('the entry without types is the same for values by themselves', async (t) => {
  const codec = untyped()
  t.equal(codec.name, 'msgpack')
  t.equal(codec.typed, undefined)
  for (const value of [undefined, null, { a: [1, 'ü', 2n ** 63n, new Date(0), Uint8Array.of(1)] }, -0]) {
    const bytes = codec.encode(value)
    t.equal(hex(bytes), hex(small().encode(value)))
    t.ok(sameValue(codec.decode(bytes), small().decode(bytes)))
  }
  t.throws(() => codec.decode(Uint8Array.of(0xc1)), { code: 'invalid_argument', reason: 'bad_payload' })
})
