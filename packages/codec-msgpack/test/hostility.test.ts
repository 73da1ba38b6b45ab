import { RpcError } from '@hawser/contract'
import t from 'tap'
import { msgpack } from '../src/index.js'

const mebibyte = 2 ** 20

/** `count` times the same bytes, then others. */
function repeated(count: number, hex: string, end = ''): Buffer {
  return Buffer.concat([Buffer.alloc(count * (hex.length / 2), hex, 'hex'), Buffer.from(end, 'hex')])
}

function map32(entries: number, entry: (i: number) => Buffer): Buffer {
  const header = Buffer.alloc(5, 0xdf)
  header.writeUInt32BE(entries, 1)
  return Buffer.concat([header, ...Array.from({ length: entries }, (_, i) => entry(i))])
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.of(0xa0 | value.length), Buffer.from(value)])
}

const array32 = (size: number): string => `dd${size.toString(16).padStart(8, '0')}`

const hostile: readonly (readonly [string, Buffer, 'bad_payload' | 'too_deep'])[] = [
  ['a million arrays in each other', repeated(1e6, '91', 'c0'), 'too_deep'],
  ['a million maps in each other', repeated(1e6, '81a161', 'c0'), 'too_deep'],
  ['a million long arrays in each other', repeated(1e6, 'dc0001', 'c0'), 'too_deep'],
  ['arrays that each claim what is left', repeated(100_000, 'dd00010000'), 'too_deep'],
  ['2^32 - 1 elements', Buffer.from('ddffffffff', 'hex'), 'bad_payload'],
  [
    '2^32 - 1 elements before 4 MiB',
    Buffer.concat([Buffer.from('ddffffffff', 'hex'), Buffer.alloc(4 * mebibyte)]),
    'bad_payload',
  ],
  ['2^32 - 1 entries', Buffer.from('dfffffffff', 'hex'), 'bad_payload'],
  ['a text of 4 GiB', Buffer.from('dbffffffff', 'hex'), 'bad_payload'],
  ['bytes of 4 GiB', Buffer.from('c6ffffffff', 'hex'), 'bad_payload'],
  [
    'four million numbers',
    Buffer.concat([Buffer.from(array32(4 * mebibyte), 'hex'), Buffer.alloc(4 * mebibyte)]),
    'too_deep',
  ],
  [
    'four million empty arrays',
    Buffer.concat([Buffer.from(array32(4 * mebibyte), 'hex'), Buffer.alloc(4 * mebibyte, 0x90)]),
    'too_deep',
  ],
  [
    '4 MiB of no text',
    Buffer.concat([Buffer.from('db00400000', 'hex'), Buffer.alloc(4 * mebibyte, 0xff)]),
    'bad_payload',
  ],
  [
    '4 MiB of text with a fault at its end',
    Buffer.concat([Buffer.from('db00400000', 'hex'), Buffer.alloc(4 * mebibyte - 1, 0x61), Buffer.of(0xff)]),
    'bad_payload',
  ],
  [
    '100,000 keys with one twice',
    map32(100_001, (i) => Buffer.concat([text(`k${i % 100_000}`), Buffer.of(1)])),
    'bad_payload',
  ],
  ['250,000 times the same key', map32(250_000, () => Buffer.from('a16101', 'hex')), 'bad_payload'],
  ['extensions all the way', repeated(1e6, 'd40000'), 'bad_payload'],
]

t.test('hostile input is refused in bounded time', async (t) => {
  const codec = msgpack()
  for (const [about, bytes, reason] of hostile) {
    const started = performance.now()
    try {
      codec.decode(bytes)
      t.fail(`${about} was decoded`)
    } catch (error) {
      t.ok(RpcError.is(error) && error.code === 'invalid_argument', about)
      t.equal((error as RpcError).reason, reason, about)
    }
    // Three orders of magnitude beyond what it takes, so that only what grows without bound can fail.
    t.ok(performance.now() - started < 1500, `${about}: in time`)
  }
})

t.test('keys that look like numbers do not slow it down', async (t) => {
  const codec = msgpack()
  const bytes = map32(200_000, (i) => Buffer.concat([text(`${(i * 65_536) % 4_294_967_291}`), Buffer.of(1)]))
  const started = performance.now()
  t.equal(Object.keys(codec.decode(bytes) as object).length, 200_000)
  t.ok(performance.now() - started < 5000)
})

t.test('keys whose characters equal the bytes of others are kept apart', async (t) => {
  const codec = msgpack()
  // U+00C3 U+00A9 as characters are the bytes of U+00E9.
  for (const key of ['é', 'Ã©', 'é', 'Ã©', 'ab', 'é'])
    t.strictSame(codec.decode(codec.encode({ [key]: 1 })), { [key]: 1 })
})

t.test('a message refused leaves nothing behind for the next', async (t) => {
  const codec = msgpack()
  for (const [, bytes] of hostile.filter(([, { length }]) => length < mebibyte)) {
    t.throws(() => codec.decode(bytes))
    t.strictSame(codec.decode(codec.encode([{ a: 'b' }])), [{ a: 'b' }])
  }
})
