import { RpcError } from '@hawser/contract'
import t from 'tap'
import { Refusal, refuse, valueCodec } from '../src/index.js'

const codec = valueCodec({
  name: 'bytes',
  contentType: 'application/octet-stream',
  mistake: 'Not so',
  encode(value, headroom) {
    if (value instanceof Error) throw value
    if (!(value instanceof Uint8Array)) throw new Refusal('is odd')
    return Buffer.concat([new Uint8Array(headroom), value])
  },
  decode(bytes) {
    if (bytes[0] === 1) refuse('Refused')
    if (bytes[0] === 2) throw new Error('the payload')
    return bytes
  },
})

t.test('undefined is no bytes', async (t) => {
  t.equal(codec.encode(undefined).length, 0)
  t.strictSame(codec.encode(undefined, 3), new Uint8Array(3))
  t.equal(codec.decode(new Uint8Array(0)), undefined)
})

t.test('headroom is a whole number', async (t) => {
  t.equal(codec.encode(Uint8Array.of(5), 2).length, 3)
  for (const headroom of [-1, 0.5, Number.NaN]) t.throws(() => codec.encode(undefined, headroom), TypeError)
})

t.test('whatever is thrown is the error of the contract', async (t) => {
  t.throws(() => codec.encode(1), { reason: 'bad_payload', executed: 'no', message: 'value is odd' })
  const cause = new Error('mine')
  t.throws(() => codec.encode(cause), { reason: 'bad_payload', cause })
  t.throws(() => codec.decode(Uint8Array.of(1)), { reason: 'bad_payload', message: 'Refused' })
  try {
    codec.decode(Uint8Array.of(2))
  } catch (error) {
    t.ok(RpcError.is(error))
    t.match(
      error,
      { reason: 'bad_payload', message: 'Not so', cause: undefined },
      'but for what it says of the payload',
    )
  }
})
