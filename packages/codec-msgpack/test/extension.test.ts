import { RpcError } from '@hawser/contract'
import { addExtension } from 'msgpackr'
import t from 'tap'
import { msgpack } from '../src/index.js'

// For the rest of this process, as msgpackr's extensions are.
const forms: Record<string, Uint8Array> = {
  extension: Buffer.of(1, 2, 3),
  'extension that holds what looks like a byte string': Buffer.of(0xc4, 0, 0),
}
let form = Buffer.alloc(0) as Uint8Array
addExtension({ Class: Uint8Array, type: 5, pack: () => Buffer.from(form) })

t.test('bytes for which other code has set msgpackr an extension are refused, not changed', async (t) => {
  const codec = msgpack()
  for (const [about, bytes] of Object.entries(forms)) {
    form = bytes
    for (const value of [{ a: Uint8Array.of(1) }, { a: new Date(0) }])
      try {
        codec.encode(value)
        t.fail(`${about} was encoded`)
      } catch (error) {
        t.match(error, { code: 'invalid_argument', reason: 'bad_payload', executed: 'no' }, about)
        t.ok(RpcError.is(error) && /msgpackr an extension/.test(error.message), about)
      }
  }
  t.strictSame(codec.decode(codec.encode({ a: [-0, 2 ** 40] })), { a: [-0, 2 ** 40] }, 'the rest travels')
})
