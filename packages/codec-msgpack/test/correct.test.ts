import { sameValue } from '@hawser/compliance/codec'
import t from 'tap'
import { correct } from '../src/correct.js'
import { msgpack } from '../src/index.js'

const codec = msgpack()

t.test('stand-ins are told from what looks like them', async (t) => {
  const look = Buffer.from('d30000000000000000', 'hex')
  const value = {
    texts: [`${'x'.repeat(40)}\u00d3\0\0\0\0\0\0\0\0`, 'x'.repeat(300), 'x'.repeat(70_000)],
    bytes: [look, new Uint8Array(4), new Uint8Array(8), new Uint8Array(13).fill(0xff), new Uint8Array(300)],
    dates: [
      new Date(0),
      new Uint8Array(4),
      new Date(1),
      new Uint8Array(70_000),
      new Date(-1),
      new Date(2 ** 42),
    ],
    numbers: [
      0,
      -0,
      1,
      -1,
      2 ** 32,
      2 ** 53 - 1,
      -(2 ** 53 - 1),
      0.5,
      2n ** 53n,
      2n ** 63n,
      -(2n ** 63n),
      128,
      300,
      70_000,
      -0,
    ],
    more: [null, true, -33, -129, -40_000, -(2 ** 31), [], {}, new Array(20).fill(-0), { '-0': -0 }],
  }
  const again = codec.decode(codec.encode(value, 20).subarray(20))
  t.ok(sameValue(again, value))
})

t.test('it goes on where the headroom ends, and leaves that alone', async (t) => {
  const bytes = Buffer.from(`${'d3'.padEnd(18, '0')}91${'d3'.padEnd(18, '0')}`, 'hex')
  t.equal(correct(bytes, 9, []), 0)
  t.equal(bytes.toString('hex'), `${'d3'.padEnd(18, '0')}91cb80${'0'.repeat(14)}`)
})

t.test('it counts byte strings, and stops at an extension', async (t) => {
  t.equal(correct(Buffer.from('93c40101c5000101c60000000101', 'hex'), 0, []), 3)
  for (const hex of ['d401ff', 'c70101ff', 'c1'])
    t.equal(correct(Buffer.from(`92c400${hex}`, 'hex'), 0, []), -1)
})
