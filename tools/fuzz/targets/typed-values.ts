import type { Codec, Type } from '@hawser/contract'
import {
  bool,
  bytes,
  double,
  exception,
  field,
  float,
  i8,
  i16,
  i32,
  i64,
  lazy,
  list,
  map,
  optional,
  type StructType,
  safeI64,
  set,
  string,
  struct,
  tuple,
  u32,
  u64,
  union,
  uuid,
  withDefault,
} from '@hawser/schema'
import type { Random } from '../random.js'

interface Tree {
  readonly value: number
  readonly children?: Tree[] | undefined
}
const Tree: StructType<Tree> = struct('fuzz.Tree', {
  value: field(1, i32),
  children: field(2, optional(list(lazy(() => Tree)))),
})
const Failed = exception('fuzz.Failed', {
  message: field(1, optional(string)),
  code: field(2, withDefault(i16, 7)),
})
const Choice = union('fuzz.Choice', {
  text: field(1, string),
  tree: field(2, Tree),
  longs: field(300, list(i64)),
})

/** Whatever a type can be made of. Its first fields are those of the struct of the golden vectors. */
const Everything = struct('fuzz.Everything', {
  yes: field(1, optional(bool)),
  no: field(2, optional(bool)),
  octet: field(3, optional(i8)),
  short: field(4, optional(i16)),
  word: field(5, optional(i32)),
  long: field(6, optional(i64)),
  real: field(7, optional(double)),
  text: field(8, optional(string)),
  octets: field(9, optional(bytes)),
  bools: field(12, optional(list(bool))),
  words: field(13, optional(list(i32))),
  texts: field(14, optional(list(string))),
  safe: field(15, optional(safeI64)),
  unsigned: field(16, optional(u32)),
  large: field(17, optional(u64)),
  single: field(18, optional(float)),
  key: field(19, optional(uuid)),
  tree: field(20, optional(Tree)),
  longs: field(31, optional(set(i64))),
  names: field(32, optional(set(string))),
  counts: field(33, optional(map(string, i32))),
  deep: field(34, optional(map(i32, map(string, list(double))))),
  parameters: field(35, optional(tuple([i32, optional(string), optional(Tree), withDefault(i64, 7n)]))),
  choice: field(400, optional(Choice)),
  failure: field(401, optional(Failed)),
  small: field(32_767, optional(list(i8))),
})

/** What bodies are of; the first byte of an input says which. */
export const types: readonly Type[] = [Everything, list(Tree), map(uuid, set(i32)), string, bool]

/** A body of one of the types, behind the byte that says of which. */
export function someMessage(codecs: readonly Codec[], random: Random): Uint8Array {
  const which = random.below(types.length)
  const value = [
    someRecord,
    () => [someTree(random, 4)],
    someMap,
    () => someText(random),
    () => random.chance(0.5),
  ][which]!
  const body = codecs[which]!.encode(value(random))
  return Uint8Array.from([which, ...body])
}

function someRecord(random: Random): object {
  const makes: Readonly<Record<string, () => unknown>> = {
    yes: () => random.chance(0.5),
    octet: () => random.below(256) - 128,
    word: () => random.next() | 0,
    long: () => BigInt.asIntN(64, BigInt(random.next()) << BigInt(random.below(40))),
    real: () => random.next() / (random.next() + 1),
    text: () => someText(random),
    octets: () => random.bytes(random.small(100)),
    bools: () => Array.from({ length: random.small(20) }, () => random.chance(0.5)),
    texts: () => Array.from({ length: random.small(5) }, () => someText(random)),
    unsigned: () => random.next(),
    single: () => Math.fround(random.next()),
    key: () => someKey(random),
    tree: () => someTree(random, 5),
    names: () => new Set([someText(random)]),
    counts: () => new Map([[someText(random), random.below(1000)]]),
    parameters: () => [random.next() | 0, random.pick([undefined, someText(random)]), someTree(random, 1)],
    choice: () =>
      random.pick([{ text: someText(random) }, { tree: someTree(random, 2) }, { longs: [1n, -1n] }]),
    failure: () => ({ code: random.below(100) }),
    small: () => Array.from({ length: random.small(30) }, () => random.below(100)),
  }
  const chosen = Object.entries(makes).filter(() => random.chance(0.4))
  return Object.fromEntries(chosen.map(([key, make]) => [key, make()]))
}

function someTree(random: Random, levels: number): Tree {
  const value = random.next() | 0
  if (levels === 0 || random.chance(0.3)) return { value }
  return { value, children: Array.from({ length: random.small(4) }, () => someTree(random, levels - 1)) }
}

function someMap(random: Random): Map<string, Set<number>> {
  return new Map([[someKey(random), new Set([random.below(100)])]])
}

function someText(random: Random): string {
  return random.pick(['', 'a', 'é', '🪢', 'text ']).repeat(random.small(60))
}

function someKey(random: Random): string {
  const hex = Buffer.from(random.bytes(16)).toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
