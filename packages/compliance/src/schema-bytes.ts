import { bytes, field, list, string, struct } from '@hawser/schema'
import { layoutOf, type SchemaSuite } from './schema-subject.js'
import { sameTyped } from './schema-values.js'

const Message = struct('suite.Message', { text: field(1, string), blobs: field(2, list(bytes)) })

/** Who owns which bytes. */
export function testBytes(suite: SchemaSuite): void {
  suite.test.test('any headroom is left free in front', async (t) => {
    const layout = layoutOf(suite, Message)
    for (const text of ['', 'x', 'é'.repeat(5000), 'x'.repeat(200_000)]) {
      const value = { text, blobs: [new Uint8Array(3)] }
      const plain = layout.encode(value)
      for (const headroom of [1, 10, 255, 256, 257, 70_000]) {
        const encoded = layout.encode(value, headroom)
        t.equal(encoded.length, plain.length + headroom)
        t.equal(Buffer.compare(encoded.subarray(headroom), plain), 0, `behind ${headroom}`)
        t.ok(
          encoded.subarray(0, headroom).every((byte) => byte === 0),
          `${headroom} bytes hold nothing of other messages`,
        )
      }
    }
    for (const headroom of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
      t.throws(() => layout.encode({ text: '', blobs: [] }, headroom), { name: 'TypeError' })
  })

  suite.test.test('later calls leave encoded bytes alone', async (t) => {
    const layout = layoutOf(suite, Message)
    const made: { encoded: Uint8Array; copy: Uint8Array }[] = []
    for (let i = 0; i < 400; i++) {
      const text = i % 50 === 0 ? 'y'.repeat(100_000) : 'x'.repeat((i * 37) % 3000)
      const encoded = layout.encode({ text, blobs: [] }, i % 20)
      // What the caller writes into one message must not show in another.
      encoded.fill(0xee, 0, i % 20)
      made.push({ encoded, copy: Uint8Array.from(encoded) })
      if (i % 7 === 0) t.throws(() => layout.encode({ text: 'z'.repeat(500), blobs: [1] }))
    }
    t.ok(made.every(({ encoded, copy }) => Buffer.compare(encoded, copy) === 0))
  })

  suite.test.test('decoding neither changes nor marks the bytes, wherever they lie', async (t) => {
    const layout = layoutOf(suite, Message)
    const value = { text: 'some text é', blobs: [Uint8Array.of(1, 2, 3), new Uint8Array(0)] }
    const encoded = layout.encode(value)
    const around = new Uint8Array(encoded.length + 11).fill(0x22)
    around.set(encoded, 5)
    const view = around.subarray(5, 5 + encoded.length)
    const own = Reflect.ownKeys(view).length
    t.ok(sameTyped(layout.decode(view), value))
    t.equal(Buffer.compare(view, encoded), 0)
    t.equal(Reflect.ownKeys(view).length, own)
    t.ok(sameTyped(layout.decode(Buffer.from(encoded)), value), 'a Buffer will do')
  })

  suite.test.test('bytes are plain ones on both sides', async (t) => {
    const layout = layoutOf(suite, Message)
    const read = layout.decode(Buffer.from(layout.encode({ text: '', blobs: [Buffer.from([1, 2, 3])] })))
    const [blob] = (read as { blobs: Uint8Array[] }).blobs
    t.equal(Object.getPrototypeOf(blob), Uint8Array.prototype)
    t.strictSame([...blob!], [1, 2, 3])
  })

  suite.test.test('a getter is read once, and may encode in turn', async (t) => {
    const layout = layoutOf(suite, Message)
    let reads = 0
    const value = {
      get text() {
        reads++
        return (layout.decode(layout.encode({ text: 'x'.repeat(100), blobs: [] })) as { text: string }).text
      },
      blobs: [Uint8Array.of(9)],
    }
    t.ok(sameTyped(layout.decode(layout.encode(value)), { text: 'x'.repeat(100), blobs: [Uint8Array.of(9)] }))
    t.equal(reads, 1)
  })
}
