import { sameValue } from '@hawser/compliance/codec'
import t from 'tap'
import { FlatReader } from '../src/flat-reader.js'
import { FlatWriter } from '../src/flat-writer.js'
import { msgpack } from '../src/index.js'
import { Packer } from '../src/packer.js'
import { Unpacker } from '../src/unpacker.js'
import { Walker } from '../src/walker.js'

const packer = new Packer(64, 1000)
const walker = new Walker(64, 1000)
const unpacker = new Unpacker()

function longWay(bytes: Uint8Array): unknown {
  walker.walk(bytes)
  return unpacker.unpack(bytes, walker)
}

const edges = [
  0,
  31,
  32,
  33,
  127,
  128,
  255,
  256,
  32_767,
  32_768,
  32_769,
  65_535,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
]
edges.push(
  2 ** 31 + 1,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 40 + 1,
  2 ** 53 - 1,
  2 ** 53,
  0.5,
  1e300,
  Number.NaN,
  1 / 0,
)
const texts = [0, 1, 23, 24, 31, 32, 255, 256, 65_535, 65_536].flatMap((length) => [
  'x'.repeat(length),
  `${'x'.repeat(Math.max(0, length - 1))}é`,
  `${'x'.repeat(Math.max(0, length - 2))}😀`,
])
const scalars = [null, true, false, '\ufeffx', ...texts, ...edges.flatMap((edge) => [edge, -edge])]

t.test('the short way and the long way write and read the same', async (t) => {
  const writer = new FlatWriter()
  const reader = new FlatReader()
  for (const scalar of scalars)
    for (const value of [scalar, [scalar], [1, scalar, 'é', scalar]]) {
      const bytes = writer.write(value, 3)
      t.ok(bytes && Buffer.compare(bytes, packer.pack(value, 3)) === 0, 'written')
      const body = bytes?.subarray(3) ?? new Uint8Array(0)
      const read = reader.read(body)
      if (read !== undefined) t.ok(sameValue(read, value), 'read')
      t.ok(sameValue(longWay(body), value), 'read the long way')
    }
})

t.test('what is not flat, or wrong, takes the long way', async (t) => {
  const writer = new FlatWriter()
  const never = (): never => {
    throw new Error('from user code')
  }
  for (const value of [
    {},
    [[]],
    [{}],
    [undefined],
    new Array(1),
    [1n],
    ['\ud800'],
    new Date(0),
    Symbol('s'),
    new Array(16).fill(0),
    new Proxy([1], { get: never }),
  ])
    t.equal(writer.write(value, 0), undefined)
  const reader = new FlatReader()
  for (const hex of [
    '80',
    '9190',
    '91c0c0',
    '92c0',
    '9161c0',
    'a161ff',
    'a2',
    'a1ff',
    'd9',
    'd905',
    'da00',
    'cd01',
    'cb',
    'cc',
  ])
    t.equal(reader.read(Buffer.from(hex, 'hex')), undefined, hex)
  t.equal(reader.read(Buffer.from('cf0020000000000000', 'hex')), undefined, '2^53')
  t.strictSame(writer.write([1], 0), Uint8Array.of(0x91, 1), 'and it goes on')
})

t.test('limits below the longest flat array are kept', async (t) => {
  const nodes = msgpack({ limits: { nodes: 3 } })
  t.strictSame(nodes.decode(nodes.encode([1, 2])), [1, 2])
  t.throws(() => nodes.encode([1, 2, 3]), { code: 'invalid_argument', reason: 'too_deep' })
  t.throws(() => nodes.decode(Uint8Array.of(0x93, 1, 2, 3)), { code: 'invalid_argument', reason: 'too_deep' })
  const depth = msgpack({ limits: { depth: 0 } })
  t.throws(() => depth.encode([]), { code: 'invalid_argument', reason: 'too_deep' })
  t.throws(() => depth.decode(Uint8Array.of(0x90)), { code: 'invalid_argument', reason: 'too_deep' })
})

t.test('an array that encodes while it is read is encoded', async (t) => {
  const codec = msgpack()
  const handler: ProxyHandler<number[]> = {
    get: (target, name) =>
      name === '0' ? codec.decode(codec.encode([7]))?.[0 as never] : Reflect.get(target, name),
  }
  t.strictSame(codec.decode(codec.encode(new Proxy([1, 2], handler))), [7, 2])
})
