import { type CodecSuite, codecWith } from './codec-subject.js'
import { sameValue } from './codec-values.js'

/** Who owns which bytes. */
export function testBytes(suite: CodecSuite): void {
  const { supports } = suite

  suite.test.test('any headroom is left free in front', async (t) => {
    const codec = codecWith(suite)
    for (const value of [null, ['x'.repeat(64)], { text: 'é'.repeat(5000) }, 'x'.repeat(200_000)]) {
      const plain = codec.encode(value)
      for (const headroom of [1, 10, 255, 256, 257, 70_000]) {
        const bytes = codec.encode(value, headroom)
        t.equal(bytes.length, plain.length + headroom)
        t.equal(Buffer.compare(bytes.subarray(headroom), plain), 0, `behind ${headroom}`)
        t.ok(
          bytes.subarray(0, headroom).every((byte) => byte === 0),
          `${headroom} bytes hold nothing of other messages`,
        )
      }
    }
  })

  suite.test.test('a headroom that is none is the mistake of the caller', async (t) => {
    const codec = codecWith(suite)
    for (const headroom of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
      for (const value of [1, undefined]) t.throws(() => codec.encode(value, headroom), { name: 'TypeError' })
  })

  suite.test.test('later calls leave encoded bytes alone', async (t) => {
    const codec = codecWith(suite)
    const made: { bytes: Uint8Array; copy: Uint8Array }[] = []
    for (let i = 0; i < 400; i++) {
      const value = i % 50 === 0 ? ['y'.repeat(100_000)] : [i, 'x'.repeat((i * 37) % 3000), { é: `${i}é` }]
      const bytes = codec.encode(value, i % 20)
      made.push({ bytes, copy: Uint8Array.from(bytes) })
      // What the caller writes into one message must not show in another.
      bytes.fill(0xee, 0, i % 20)
      made[i]?.copy.fill(0xee, 0, i % 20)
      if (i % 7 === 0) t.throws(() => codec.encode(['z'.repeat(500), () => 1]))
    }
    t.ok(made.every(({ bytes, copy }) => Buffer.compare(bytes, copy) === 0))
  })

  suite.test.test('decoding neither changes nor marks the bytes, wherever they lie', async (t) => {
    const codec = codecWith(suite)
    const value = { id: 1, text: 'some text', list: [1.5, 'é', { a: 1 }] }
    const bytes = codec.encode(value)
    const around = new Uint8Array(bytes.length + 11).fill(0x22)
    around.set(bytes, 5)
    const view = around.subarray(5, 5 + bytes.length)
    const own = Reflect.ownKeys(view).length
    t.ok(sameValue(codec.decode(view), value))
    t.equal(Buffer.compare(view, bytes), 0)
    t.equal(Reflect.ownKeys(view).length, own)
    t.ok(sameValue(codec.decode(Buffer.from(bytes)), value), 'a Buffer will do')
  })

  suite.test.test('byte fields arrive', { skip: supports.bytes !== 'bytes' }, async (t) => {
    const codec = codecWith(suite)
    const bytes = codec.encode({ blob: Buffer.from([1, 2, 3]) })
    const { blob } = codec.decode(bytes) as { blob: Uint8Array }
    t.ok(blob instanceof Uint8Array)
    t.equal(Buffer.compare(blob, Uint8Array.of(1, 2, 3)), 0)
    bytes.fill(0)
    t.equal(Buffer.compare(blob, Uint8Array.of(1, 2, 3)), 0, 'as copies')
  })

  suite.test.test('byte fields arrive as base64 text', { skip: supports.bytes !== 'base64' }, async (t) => {
    const codec = codecWith(suite)
    for (const length of [0, 1, 2, 3, 4, 1000]) {
      const blob = Uint8Array.from({ length }, (_, i) => (i * 37) & 255)
      const arrived = codec.decode(codec.encode({ blob })) as { blob: string }
      t.equal(arrived.blob, Buffer.from(blob).toString('base64'))
    }
  })
}
