import { bigEndian, join } from './bytes.js'
import type { Random } from './random.js'
import type { Target } from './target.js'

/** Inputs are never longer. */
export const mostBytes = 65_536

const mostMutations = 6
const mostRepeats = 60_000
// Where signs, sizes and limits turn.
const boundaries = [
  0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 63, 64, 65, 127, 128, 255, 256, 257, 511, 512, 1_023, 1_024, 4_095, 4_096,
  4_097, 32_767, 32_768, 65_535, 65_536, 0xff_ffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff,
]

type Mutation = (input: Uint8Array, random: Random, target: Target) => Uint8Array

const mutations: readonly Mutation[] = [
  flipBit,
  setByte,
  setInteger,
  truncate,
  remove,
  duplicate,
  splice,
  insertToken,
  repeatToken,
  insertRandom,
]

/** An input for a target: mostly a valid one with a few changes. */
export function makeInput(target: Target, seeds: readonly Uint8Array[], random: Random): Uint8Array {
  const base = random.chance(0.5) && seeds.length > 0 ? random.pick(seeds) : target.generate(random)
  let input = base
  for (let count = random.small(mostMutations); count > 0; count--) {
    const own = target.mutate && random.chance(0.6)
    input = own
      ? target.mutate!(input, random)
      : random.pick(mutations)(input, random, withSeeds(target, seeds))
  }
  return input.length > mostBytes ? input.subarray(0, mostBytes) : input
}

function withSeeds(target: Target, seeds: readonly Uint8Array[]): Target {
  return { ...target, seeds }
}

function flipBit(input: Uint8Array, random: Random): Uint8Array {
  if (input.length === 0) return input
  const bytes = new Uint8Array(input)
  bytes[random.below(bytes.length)]! ^= 1 << random.below(8)
  return bytes
}

function setByte(input: Uint8Array, random: Random): Uint8Array {
  if (input.length === 0) return input
  const bytes = new Uint8Array(input)
  bytes[random.below(bytes.length)] = random.chance(0.5) ? random.below(256) : random.pick(boundaries)
  return bytes
}

function setInteger(input: Uint8Array, random: Random): Uint8Array {
  const size = random.pick([1, 2, 4] as const)
  if (input.length < size) return input
  const at = random.below(input.length - size + 1)
  const near = random.chance(0.3) ? input.length - at - size + random.below(5) - 2 : random.pick(boundaries)
  return join(input.subarray(0, at), bigEndian(Math.max(0, near), size), input.subarray(at + size))
}

function truncate(input: Uint8Array, random: Random): Uint8Array {
  return input.subarray(0, random.below(input.length + 1))
}

function remove(input: Uint8Array, random: Random): Uint8Array {
  const [start, end] = range(input, random)
  return join(input.subarray(0, start), input.subarray(end))
}

function duplicate(input: Uint8Array, random: Random): Uint8Array {
  const [start, end] = range(input, random)
  return join(input.subarray(0, end), input.subarray(start))
}

function splice(input: Uint8Array, random: Random, target: Target): Uint8Array {
  const other = target.seeds.length > 0 ? random.pick(target.seeds) : target.generate(random)
  const [start, end] = range(other, random)
  return insert(input, other.subarray(start, end), random)
}

function insertToken(input: Uint8Array, random: Random, { tokens }: Target): Uint8Array {
  return tokens.length === 0 ? input : insert(input, random.pick(tokens), random)
}

/** Deep nesting and long rows. */
function repeatToken(input: Uint8Array, random: Random, { tokens }: Target): Uint8Array {
  const token = tokens.length === 0 ? undefined : random.pick(tokens)
  if (!token || token.length === 0) return input
  const count = Math.min(random.small(mostRepeats), Math.floor(mostBytes / token.length))
  const row = new Uint8Array(count * token.length)
  for (let at = 0; at < row.length; at += token.length) row.set(token, at)
  return insert(input, row, random)
}

function insertRandom(input: Uint8Array, random: Random): Uint8Array {
  return insert(input, random.bytes(random.small(64)), random)
}

function insert(input: Uint8Array, part: Uint8Array, random: Random): Uint8Array {
  const at = random.below(input.length + 1)
  return join(input.subarray(0, at), part, input.subarray(at))
}

function range(bytes: Uint8Array, random: Random): [start: number, end: number] {
  const start = random.below(bytes.length + 1)
  return [start, start + random.below(bytes.length - start + 1)]
}
