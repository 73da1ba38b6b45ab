import { RpcError } from '@hawser/contract'
import { field, i32, list, map, optional, set, string, struct } from '@hawser/schema'
import t from 'tap'
import { type BinaryOptions, binary, compact } from '../src/index.js'

const mebibyte = 2 ** 20
const Known = struct('t.Known', {
  a: field(1, optional(i32)),
  list: field(2, optional(list(i32))),
  texts: field(3, optional(list(string))),
  things: field(4, optional(list(struct('t.Empty', {})))),
  map: field(5, optional(map(i32, string))),
  set: field(6, optional(set(i32))),
})

/** `count` times the same bytes, between others. */
function repeated(count: number, hex: string, start = '', end = ''): Buffer {
  return Buffer.concat([
    Buffer.from(start, 'hex'),
    Buffer.alloc(count * (hex.length / 2), hex, 'hex'),
    Buffer.from(end, 'hex'),
  ])
}

type Case = readonly [about: string, bytes: Uint8Array, reason: 'bad_payload' | 'too_deep']

const hostile: Readonly<Record<'binary' | 'compact', readonly Case[]>> = {
  binary: [
    ['a list said to hold 4 billion', repeated(1, '0f000208ffffffff', '', '00'), 'bad_payload'],
    ['a text said to be 4 billion long', repeated(1, '0f00030b00000001ffffffff', '', '00'), 'bad_payload'],
    ['a map said to hold 2 billion', repeated(1, '0d0005080b7fffffff', '', '00'), 'bad_payload'],
    ['a list of a million empty structs', repeated(mebibyte, '00', '0f00040c00100000', '00'), 'too_deep'],
    [
      'an unknown list of a million empty structs',
      repeated(mebibyte, '00', '0f00090c00100000', '00'),
      'too_deep',
    ],
    ['unknown structs a million deep', repeated(mebibyte, '0c0009'), 'too_deep'],
    ['unknown lists of lists a million deep', repeated(mebibyte, '0f00000001', '0f0009'), 'too_deep'],
    ['a million unknown fields', repeated(mebibyte, '03000901', '', '00'), 'too_deep'],
    [
      'fields in the wrong order again and again',
      repeated(mebibyte, '0e0006080000000008000100000001'),
      'bad_payload',
    ],
    ['an unknown type', repeated(1, '110009', '', '00'), 'bad_payload'],
    ['an unknown list of an unknown type', repeated(1, '0f00090100000001', '', '0000'), 'bad_payload'],
  ],
  compact: [
    ['a list said to hold 4 billion', repeated(1, '29f5ffffffff0f', '', '00'), 'bad_payload'],
    ['a text said to be 4 billion long', repeated(1, '3918ffffffff0f', '', '00'), 'bad_payload'],
    ['a map said to hold 4 billion', repeated(1, '5bffffffff0f58', '', '00'), 'bad_payload'],
    ['a list of a million empty structs', repeated(mebibyte, '00', '49fc808040', '00'), 'too_deep'],
    ['an unknown list of a million empty structs', repeated(mebibyte, '00', '99fc808040', '00'), 'too_deep'],
    ['unknown structs a million deep', repeated(mebibyte, '9c'), 'too_deep'],
    ['unknown lists of lists a million deep', repeated(mebibyte, '19', '99'), 'too_deep'],
    ['a million unknown fields', repeated(mebibyte, '031201', '', '00'), 'too_deep'],
    ['ids past 32,767', repeated(4000, 'f1', '', '00'), 'bad_payload'],
    ['an unknown type', repeated(1, '9e', '', '00'), 'bad_payload'],
    ['an id that never ends', repeated(mebibyte, 'ff', '05'), 'bad_payload'],
  ],
}

t.test('fields in the wrong order cost a large struct little', async (t) => {
  const ids = Array.from({ length: 1000 }, (_, at) => at + 1)
  const Wide = struct('t.Wide', Object.fromEntries(ids.map((id) => [`f${id}`, field(id, optional(i32))])))
  const backwards = Buffer.concat(
    ids.reverse().map((id) => Buffer.of(8, id >> 8, id & 0xff, 0, 0, 0, id & 0x7f)),
  )
  const each = Buffer.concat([backwards, Buffer.of(0)])
  const head = Buffer.of(12, 0, 0, 0, 100)
  for (const backEnd of ['compiled', 'interpreted'] as const) {
    const codec = binary({ backEnd }).typed(list(Wide))
    const started = performance.now()
    const found = codec.decode(Buffer.concat([head, ...new Array<Buffer>(100).fill(each)]))
    t.ok(performance.now() - started < 1500)
    t.strictSame(found.length, 100)
    t.equal(Object.keys(found[99]!).length, 1000)
    t.strictSame(codec.decode(codec.encode(found)), found)
  }
})

for (const [layout, make] of Object.entries({ binary, compact }) as ['binary' | 'compact', typeof binary][])
  for (const backEnd of ['compiled', 'interpreted'] satisfies BinaryOptions['backEnd'][]) {
    t.test(`${layout}, ${backEnd}: hostile bytes are refused in bounded time`, async (t) => {
      const codec = make({ backEnd }).typed(Known)
      for (const [about, bytes, reason] of hostile[layout]) {
        const started = performance.now()
        try {
          codec.decode(bytes)
          t.fail(`${about}: decoded`)
        } catch (error) {
          t.ok(RpcError.is(error) && error.code === 'invalid_argument', about)
          t.equal((error as RpcError).reason, reason, `${about}: ${(error as RpcError).message}`)
        }
        // Three orders of magnitude beyond what it takes, so that only what grows without bound can fail.
        t.ok(performance.now() - started < 1500, `${about}: in time`)
        t.strictSame(codec.decode(codec.encode({ a: 1 })), { a: 1 }, 'and the codec goes on')
      }
    })

    t.test(`${layout}, ${backEnd}: what lies behind a message is not read`, async (t) => {
      const codec = make({ backEnd }).typed(Known)
      const secret = codec.encode({ texts: ['secret'.repeat(20)] })
      const short = codec.encode({ texts: ['é'.repeat(20)] })
      for (let length = 1; length < short.length; length++) {
        codec.decode(secret)
        const around = new Uint8Array(4096).fill(0x61)
        around.set(short.subarray(0, length))
        t.throws(() => codec.decode(around.subarray(0, length)), {
          code: 'invalid_argument',
          reason: 'bad_payload',
        })
      }
    })
  }
