import { RpcError } from '@hawser/contract'
import fc from 'fast-check'
import t from 'tap'
import { asBytes } from '../src/index.js'

t.test('base64 text is read, padded or not', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = Buffer.from(bytes).toString('base64')
      const bare = text.replaceAll('=', '')
      return Buffer.compare(asBytes(text), bytes) === 0 && Buffer.compare(asBytes(bare), bytes) === 0
    }),
    { seed: 1, numRuns: 500 },
  )
  t.equal(asBytes('').length, 0)
  t.equal(asBytes('AAAA').length, 3)
})

t.test('bytes are taken as they are', async (t) => {
  const bytes = Uint8Array.of(1, 2)
  t.equal(asBytes(bytes), bytes)
})

const bad: readonly unknown[] = [
  'A',
  'AAAAA',
  '=',
  '==',
  '====',
  'A===',
  'AA=',
  'AAA==',
  'AAAA=',
  'AAAA==',
  'AAAA====',
  'AA==AAAA',
  'A=AA',
  '=AAA',
  ' AAAA',
  'AAAA\n',
  'AA AA',
  'AA-_',
  'AAé=',
  'A\u0141==',
  'AA\u{1f600}',
  // Stray bits: a second spelling of AA== and AAA=.
  'AB',
  'AB==',
  'AAB',
  'AAB=',
  undefined,
  null,
  1,
  [1, 2],
  { length: 2 },
  new Uint16Array(2),
  new ArrayBuffer(2),
]

t.test('anything else is refused', async (t) => {
  for (const value of bad) {
    const about = typeof value === 'string' ? JSON.stringify(value) : String(value)
    try {
      asBytes(value)
      t.fail(about)
    } catch (error) {
      t.ok(RpcError.is(error) && error.code === 'invalid_argument' && error.reason === 'bad_payload', about)
    }
  }
})
