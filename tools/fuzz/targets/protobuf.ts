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

const mostDepth = 3
// The field that holds messages of the same type.
const nested = 41

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

const parts = good.map(({ type, hex }) => fieldOf(names.indexOf(type) + 1, fromHex(hex)))

/** Messages one behind the other, which is their sum, and within each other. */
function encodedMessage(random: Random, depth: number): Uint8Array {
  const fields = Array.from({ length: random.small(5) }, () =>
    depth > 0 && random.chance(0.3) ? fieldOf(nested, encodedMessage(random, depth - 1)) : random.pick(parts),
  )
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
