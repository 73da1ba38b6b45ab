import { sameValue } from '@hawser/compliance/codec'
import t from 'tap'
import { msgpack } from '../src/index.js'

const codec = msgpack()

/** Through the long way: a map is never flat. */
function arrived(value: unknown): unknown {
  return (codec.decode(codec.encode({ value })) as { value: unknown }).value
}

t.test('a byte order mark stays, however long the text', async (t) => {
  for (const length of [0, 1, 12, 13, 28, 29, 60, 61, 62, 63, 64, 65, 200, 300, 5000, 70_000])
    for (const text of [
      `\ufeff${'x'.repeat(length)}`,
      `\ufeff\ufeff${'é'.repeat(length)}`,
      `x${'x'.repeat(length)}\ufeff`,
    ])
      t.ok(
        arrived([text, text, 'after']) && sameValue(arrived([text, text, 'after']), [text, text, 'after']),
        `${length}`,
      )
})

t.test('a key that begins with one is kept, or refused when it is long', async (t) => {
  for (const length of [0, 20, 28, 29, 61]) {
    const value = { [`\ufeff${'k'.repeat(length)}`]: 1 }
    t.strictSame(arrived(value), value)
  }
  t.throws(() => arrived({ [`\ufeff${'k'.repeat(62)}`]: 1 }), {
    code: 'invalid_argument',
    reason: 'bad_payload',
  })
})

t.test('integers are bigints from 2^53 on, and no sooner', async (t) => {
  for (const edge of [2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n), -(2n ** 53n) - 1n, 2n ** 63n, -(2n ** 63n)])
    t.equal(arrived(edge), edge)
  for (const edge of [2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 32, -(2 ** 31) - 1]) t.equal(arrived(edge), edge)
})

t.test('a key twice is found in maps of any size', async (t) => {
  for (const size of [2, 8, 9, 16, 17, 300]) {
    const keys = Array.from({ length: size }, (_, i) => `k${String(i).padStart(3, '0')}`)
    const header = size < 16 ? [0x80 | size] : [0xde, size >> 8, size & 0xff]
    const bytes = (names: readonly string[]) =>
      Buffer.concat([
        Buffer.of(0x91, ...header),
        ...names.map((key) => Buffer.from(`\xa4${key}\x01`, 'latin1')),
      ])
    t.equal(Object.keys((codec.decode(bytes(keys)) as object[])[0] ?? {}).length, size)
    t.throws(
      () => codec.decode(bytes([...keys.slice(1), 'k001'])),
      { code: 'invalid_argument', reason: 'bad_payload' },
      `${size}`,
    )
  }
})

t.test('a message is neither changed nor marked nor kept, whatever its length', async (t) => {
  for (const length of [1, 2000, 2100, 100_000]) {
    const value = {
      at: new Date(5),
      text: `\ufeff${'x'.repeat(length)}`,
      bytes: new Uint8Array(length),
      big: 2n ** 60n,
    }
    const bytes = codec.encode(value)
    const copy = Uint8Array.from(bytes)
    const decoded = codec.decode(copy) as typeof value
    t.ok(sameValue(decoded, value))
    t.equal(Buffer.compare(copy, bytes), 0)
    t.equal(Reflect.ownKeys(copy).length, copy.length)
    t.equal(Object.getPrototypeOf(decoded.bytes), Uint8Array.prototype)
    t.equal(decoded.bytes.buffer.byteLength, length, 'bytes are copies of their own')
  }
})
