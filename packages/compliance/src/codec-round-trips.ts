import { type CodecSuite, codecWith } from './codec-subject.js'
import { sameValue, sampleValues, show } from './codec-values.js'

/** What is sent is what arrives. */
export function testRoundTrips(suite: CodecSuite): void {
  suite.test.test('names itself as negotiation demands', async (t) => {
    const { name, contentType } = codecWith(suite)
    t.match(name, /^[a-z0-9.+-]{1,32}$/)
    t.match(contentType, /^[\w.+-]+\/[\w.+-]+$/)
  })

  suite.test.test('every kind of value arrives as it was sent', async (t) => {
    const codec = codecWith(suite)
    for (const [about, value] of sampleValues(suite.supports)) {
      const arrived = codec.decode(codec.encode(value))
      t.ok(sameValue(arrived, value), `${about}: ${show(arrived)}`)
      const inside = codec.decode(codec.encode({ list: [value, 1] }))
      t.ok(sameValue(inside, { list: [value, 1] }), `${about}, inside others`)
    }
  })

  suite.test.test('undefined as the whole value is no bytes, and null is some', async (t) => {
    const codec = codecWith(suite)
    t.equal(codec.encode(undefined).length, 0)
    t.equal(codec.encode(undefined, 7).length, 7)
    t.equal(codec.decode(new Uint8Array(0)), undefined)
    t.ok(codec.encode(null).length > 0)
  })

  suite.test.test('undefined properties are left out', async (t) => {
    const codec = codecWith(suite)
    for (const size of [1, 2, 16, 17, 300]) {
      const value: Record<string, unknown> = {}
      for (let i = 0; i < size; i++) value[`key${i}`] = i % 2 === 0 ? undefined : i
      const expected = Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined))
      t.ok(
        sameValue(codec.decode(codec.encode({ value, after: 'x' })), { value: expected, after: 'x' }),
        `of ${size}`,
      )
    }
  })

  suite.test.test('objects without a prototype travel as objects', async (t) => {
    const codec = codecWith(suite)
    const value = Object.assign(Object.create(null), { a: 1 })
    t.ok(sameValue(codec.decode(codec.encode(value)), { a: 1 }))
  })

  suite.test.test('a getter is read exactly once, and may encode in turn', async (t) => {
    const codec = codecWith(suite)
    let reads = 0
    const value = {
      before: 'before',
      get inner() {
        reads++
        return codec.decode(codec.encode({ n: 'x'.repeat(100) }))
      },
      after: 'after',
    }
    const arrived = codec.decode(codec.encode(value))
    t.equal(reads, 1)
    t.ok(
      sameValue(arrived, { before: 'before', inner: { n: 'x'.repeat(100) }, after: 'after' }),
      show(arrived),
    )
  })
}
