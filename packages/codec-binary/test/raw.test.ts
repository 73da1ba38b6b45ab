import { bytes, i32 } from '@hawser/schema'
import t from 'tap'
import { raw } from '../src/index.js'

t.test('bytes travel as they are', async (t) => {
  const codec = raw()
  const sent = Uint8Array.of(1, 2, 3)
  t.strictSame(codec.encode(sent), sent)
  t.equal(codec.encode(sent), sent, 'without a copy')
  t.strictSame(codec.encode(sent, 2), Uint8Array.of(0, 0, 1, 2, 3))
  t.equal(codec.decode(sent), sent)
  t.equal(codec.name, 'raw')
  t.equal(codec.contentType, 'application/octet-stream')
})

t.test('no bytes are undefined, unless bytes were asked for', async (t) => {
  const codec = raw()
  t.strictSame(codec.encode(undefined, 1), new Uint8Array(1))
  t.equal(codec.decode(new Uint8Array(0)), undefined)
  t.strictSame(codec.typed(bytes).decode(new Uint8Array(0)), new Uint8Array(0))
  t.throws(() => codec.typed(bytes).encode(undefined as never), {
    code: 'invalid_argument',
    reason: 'bad_payload',
  })
  t.equal(codec.typed(bytes), codec.typed(bytes))
})

t.test('anything else is refused', async (t) => {
  for (const value of ['text', 1, null, [1], new ArrayBuffer(1), new Uint16Array(1), {}])
    t.throws(() => raw().encode(value), { code: 'invalid_argument', reason: 'bad_payload', executed: 'no' })
  t.throws(() => raw().encode(new Uint8Array(1), 0.5), TypeError)
  t.throws(() => raw().typed(i32), TypeError)
})
