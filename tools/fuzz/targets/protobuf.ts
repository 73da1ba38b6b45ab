import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { protobuf } from '@hawser/codec-protobuf'
import { parse } from '@hawser/codec-protobuf/proto'
import type { AnyType } from '@hawser/schema'
import { fromHex, join } from '../bytes.js'
import type { Random } from '../random.js'
import { claim, type Target } from '../target.js'
import { codecTarget } from './codec.js'

interface Vectors {
  readonly sources: Readonly<Record<string, string>>
  readonly good: readonly { readonly type: string; readonly hex: string }[]
  readonly bad: readonly { readonly type: string; readonly hex: string }[]
}

const file = new URL('../../../docs/vectors/codec-protobuf.json', import.meta.url)
const { sources, good, bad } = JSON.parse(readFileSync(file, 'utf8')) as Vectors
const vectors = [...good, ...bad]
const names = [...new Set(vectors.map(({ type }) => type))]

// One message that holds all others.
const all = parse(
  `syntax = "proto3"; package fuzz; import "known.proto"; import "three.proto"; import "two.proto";
message All { ${names.map((name, at) => `${name} f${at} = ${at + 1};`).join(' ')} map<string, All> by = 40; repeated All each = 41; }`,
  { resolve: (path) => sources[path] },
).types['fuzz.All'] as AnyType
const compiled = protobuf()
const layout = compiled.typed(all)
const interpreted = protobuf({ compile: false }).typed(all)

const mostDepth = 5
const ids = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 40, 41, 255, 256, 2047, 2048, 536_870_911,
]

const tokens = [
  // Varints at their edges, and past them.
  ...['00', '01', '7f', '8001', 'ff7f', 'ffffffff0f', 'ffffffff07', 'ffffffffffffffffff01', '8080808010'],
  ...['80808080808080808002', '8080808080808080808001', '8080', '818000'],
  // Groups, wire types that there are none of, the field 0.
  ...['0b', '0c', '0b0c', 'a306', 'a406', 'a306a406', '0e', '0f', '00', '0200'],
  // Fixed ones, and lengths.
  ...[
    '0d00000080',
    '090000000000000080',
    '09000000000000f87f',
    '0a00',
    '0a0100',
    '1200',
    '0a04',
    '0affffffff0f',
  ],
  ...['1a03010203', '0a0161', '0a01ff', '0a02c080', '12096e6f20', '0a095f5f70726f746f5f5f'],
].map(fromHex)

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  return Uint8Array.of(...bytes, rest)
}

function fieldOf(id: number, bytes: Uint8Array): Uint8Array {
  return join(varint(id * 8 + 2), varint(bytes.length), bytes)
}

/** Fields of any kind, most of them where a message has them. */
function encodedMessage(random: Random, depth: number): Uint8Array {
  const fields = Array.from({ length: random.small(6) }, () => {
    const id = random.pick(ids)
    const kind = random.below(depth > 0 ? 8 : 5)
    if (kind === 0) return join(varint(id * 8), varint(random.below(2 ** 31)))
    if (kind === 1) return join(varint(id * 8 + 1), random.bytes(8))
    if (kind === 2) return join(varint(id * 8 + 5), random.bytes(4))
    if (kind === 3) return fieldOf(id, random.bytes(random.small(20)))
    if (kind === 4) return fieldOf(id, new TextEncoder().encode('aé🪢'.repeat(random.small(4))))
    if (kind === 5) return join(varint(id * 8 + 3), encodedMessage(random, depth - 1), varint(id * 8 + 4))
    return fieldOf(id, encodedMessage(random, depth - 1))
  })
  return join(...fields)
}

/** Bodies in protobuf, of a type that has everything. */
export const protobufTarget: Target = codecTarget({
  codec: layout,
  seeds: vectors.map(({ type, hex }) => fieldOf(names.indexOf(type) + 1, fromHex(hex))),
  tokens,
  generate: (random) => encodedMessage(random, random.below(mostDepth)),
  check(input) {
    claim(
      isDeepStrictEqual(interpreted.decode(input), layout.decode(input)),
      'Generated functions read another value',
    )
  },
})
