import type { Codec } from '@hawser/contract'
import t from 'tap'
import { numberBytes, numberedCodec, readNumber, writeNumber } from '../src/numbered.js'
import { hexBytes, hexOf } from './support/frame.js'

const encoder = new TextEncoder()
const text: Codec = {
  name: 'text',
  contentType: 'text/plain',
  encode(value, headroom = 0) {
    const bytes = encoder.encode(String(value))
    const room = new Uint8Array(headroom + bytes.length)
    room.set(bytes, headroom)
    return room
  },
  decode: (bytes) => new TextDecoder().decode(bytes),
}

t.test('a number is 64 bits, the most significant first', async (t) => {
  for (const [number, hex] of [
    [1, '0000000000000001'],
    [0xffff_ffff, '00000000ffffffff'],
    [2 ** 32, '0000000100000000'],
    [Number.MAX_SAFE_INTEGER, '001fffffffffffff'],
  ] as const) {
    const bytes = new Uint8Array(numberBytes + 3)
    writeNumber(bytes.subarray(2), number)
    t.equal(hexOf(bytes), `0000${hex}00`)
    t.equal(readNumber(hexBytes(`${hex}ff`)), number)
  }
})

t.test('what is too short, or past what a number holds, is none', async (t) => {
  for (const hex of ['', '00000000000001', '0020000000000000', 'ffffffffffffffff'])
    t.throws(
      () => readNumber(hexBytes(hex)),
      { code: 'invalid_argument', reason: 'bad_payload' } as never,
      hex,
    )
})

t.test('a value with its number, behind whatever headroom', async (t) => {
  const numbered = numberedCodec(text)
  t.match(numbered, { name: 'text', contentType: 'text/plain' })
  for (const headroom of [0, 5]) {
    const bytes = numbered.encode({ number: 258, value: 'ab' }, headroom)
    t.equal(hexOf(bytes), `${'00'.repeat(headroom)}00000000000001026162`)
    t.same(numbered.decode(bytes.subarray(headroom)), { number: 258, value: 'ab' })
    t.equal(text.decode(bytes.subarray(headroom + numberBytes)), 'ab', 'the plain form is what is behind it')
  }
  t.throws(() => numbered.decode(new Uint8Array(7)), { reason: 'bad_payload' } as never)
})
