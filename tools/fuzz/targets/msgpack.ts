import { msgpack } from '@hawser/codec-msgpack'
import { bigEndian, fromHex, join, utf8 } from '../bytes.js'
import type { Random } from '../random.js'
import type { Target } from '../target.js'
import { codecTarget } from './codec.js'
import { codecVectors } from './vectors.js'

const mostDepth = 8

const tokens = [
  // Containers, and what declares more than there is.
  ...[
    '90',
    '91',
    '9f',
    '80',
    '81',
    '8f',
    'dc0001',
    'dcffff',
    'dd00000001',
    'ddffffffff',
    'de0001',
    'deffff',
    'dfffffffff',
  ],
  ...[
    'c0',
    'c1',
    'c2',
    'c3',
    'cc00',
    'cd0100',
    'ce00010000',
    'cfffffffffffffffff',
    'd080',
    'd38000000000000000',
  ],
  ...['ca7fc00000', 'cb7ff0000000000000', 'cb7ff8000000000001', 'cb8000000000000000', 'cb4340000000000000'],
  ...[
    'a0',
    'a161',
    'bf',
    'd900',
    'd9ff',
    'da0001',
    'daffff',
    'db00000000',
    'dbffffffff',
    'c400',
    'c4ff',
    'c5ffff',
    'c6ffffffff',
  ],
  // Timestamps, whole and wrong, and other extensions.
  ...[
    'd6ff00000000',
    'd7ff0000000000000000',
    'd7ffffffffffffffffff',
    'c70cff000000000000000000000000',
    'c70cff00000000ffffffffffffffff',
  ],
  ...[
    'd40100',
    'd50000',
    'd4ff00',
    'd8ff',
    'c700ff',
    'c800',
    'c9ffffffffff',
    'c7ffff',
    'd66200000000',
    'd472ff',
    'd57800',
  ],
  // Keys.
  ...[
    '81a95f5f70726f746f5f5f',
    'ab636f6e7374727563746f72',
    'a970726f746f74797065',
    '82a16101a16102',
    '8101',
    '81c0',
  ],
  ...['a2c328', 'a1ff', 'a3eda080', 'a2c3a9', 'a4f09faaa2', 'a2c080', 'a4f4908080'],
].map(fromHex)

/** MessagePack as no encoder would write it: with forms longer than they need to be. */
function encodedValue(random: Random, depth: number): Uint8Array {
  const kind = random.below(depth > 0 ? 9 : 6)
  if (kind === 0) return Uint8Array.of(random.pick([0xc0, 0xc2, 0xc3]))
  if (kind === 1) return integerOf(random)
  if (kind === 2) return join(Uint8Array.of(0xcb), random.bytes(8))
  if (kind === 3) return textOf(random, 'aé🪢 '.repeat(random.small(20)))
  if (kind === 4) return binaryOf(random)
  if (kind === 5)
    return random.pick([
      fromHex('d6ff5f5e1000'),
      fromHex('d7ff000000045f5e1000'),
      fromHex('c70cff00000000ffffffffff000000'),
    ])
  const size = random.small(kind === 8 ? 20 : 5)
  const items = Array.from({ length: size }, (_, index) =>
    kind === 6
      ? encodedValue(random, depth - 1)
      : join(textOf(random, `k${index}`), encodedValue(random, depth - 1)),
  )
  return join(
    headOf(random, size, kind === 6 ? 0x90 : 0x80, 16, [
      undefined,
      kind === 6 ? 0xdc : 0xde,
      kind === 6 ? 0xdd : 0xdf,
    ]),
    ...items,
  )
}

function integerOf(random: Random): Uint8Array {
  if (random.chance(0.4)) return Uint8Array.of(random.pick([random.below(128), 0xe0 + random.below(32)]))
  const [token, bytes] = random.pick([
    [0xcc, 1],
    [0xcd, 2],
    [0xce, 4],
    [0xcf, 8],
    [0xd0, 1],
    [0xd1, 2],
    [0xd2, 4],
    [0xd3, 8],
  ] as const)
  return join(Uint8Array.of(token), random.bytes(bytes))
}

function textOf(random: Random, text: string): Uint8Array {
  const bytes = utf8(text)
  return join(headOf(random, bytes.length, 0xa0, 32, [0xd9, 0xda, 0xdb]), bytes)
}

function binaryOf(random: Random): Uint8Array {
  const bytes = random.bytes(random.small(300))
  return join(headOf(random, bytes.length, undefined, 0, [0xc4, 0xc5, 0xc6]), bytes)
}

/** The head of something with a size, in any of the forms that hold it. */
function headOf(
  random: Random,
  size: number,
  short: number | undefined,
  shortSizes: number,
  tokens: readonly (number | undefined)[],
): Uint8Array {
  const forms: Uint8Array[] = short !== undefined && size < shortSizes ? [Uint8Array.of(short + size)] : []
  for (const [index, token] of tokens.entries()) {
    const bytes = ([1, 2, 4] as const)[index]!
    if (token !== undefined && size < 256 ** bytes)
      forms.push(join(Uint8Array.of(token), bigEndian(size, bytes)))
  }
  return random.pick(forms)
}

/** Bodies in MessagePack. */
export const msgpackTarget: Target = codecTarget({
  codec: msgpack(),
  seeds: codecVectors('msgpack'),
  tokens,
  generate: (random) => encodedValue(random, random.below(mostDepth)),
})
