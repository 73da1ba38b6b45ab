import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { binary, compact, dump, type LayoutName } from '@hawser/codec-binary'
import type { Codec, RpcError, Type } from '@hawser/contract'
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
  u32,
  u64,
  union,
  uuid,
  withDefault,
} from '@hawser/schema'
import { fromHex } from '../bytes.js'
import type { Random } from '../random.js'
import { claim, type Outcome, type Target } from '../target.js'
import { refused } from './refusal.js'

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
  choice: field(400, optional(Choice)),
  failure: field(401, optional(Failed)),
  small: field(32_767, optional(list(i8))),
})

const types: readonly Type[] = [Everything, list(Tree), map(uuid, set(i32)), string, bool]

const tokens: Readonly<Record<LayoutName, readonly string[]>> = {
  binary: [
    ...[
      '00',
      '020001',
      '030003',
      '040007',
      '060004',
      '080005',
      '0a0006',
      '0b0008',
      '0c0014',
      '0d0021',
      '0e001f',
      '0f000d',
    ],
    ...[
      '10001300112233445566778899aabbccddeeff',
      '08ffff',
      '0c0000',
      '7f0001',
      '0f000d0800000002',
      '0d00210b0800000001',
    ],
    ...['00000000', '00000001', '7fffffff', 'ffffffff', '80000000', '0c00000000', '0f000f0c0000ffff'],
  ],
  compact: [
    ...[
      '00',
      '11',
      '12',
      '13',
      '14',
      '15',
      '16',
      '17',
      '18',
      '19',
      '1a',
      '1b',
      '1c',
      '1d',
      '1e',
      'f1',
      '05',
      '0c28',
    ],
    ...[
      '8000',
      'ffffffff0f',
      'ffffffff1f',
      'ffffffffffffffffff01',
      'ffffffffffffffffffff01',
      'fc8001',
      '19',
      '9c',
      '1b5818',
    ],
  ],
}

/** Bodies in one of Thrift's layouts: a byte that says of which type they are, and the rest. */
function thriftTarget(layout: LayoutName): Target {
  const make = layout === 'binary' ? binary : compact
  const compiled = types.map((type) => make({ backEnd: 'compiled' }).typed(type))
  const interpreted = types.map((type) => make({ backEnd: 'interpreted' }).typed(type))
  return {
    name: layout,
    seeds: vectors(layout).map((bytes) => Uint8Array.from([0, ...bytes])),
    tokens: tokens[layout].map(fromHex),
    allowance: 2 ** 20,
    generate: (random) => someMessage(compiled, random),
    run(input): Outcome {
      const which = (input[0] ?? 0) % types.length
      const body = input.subarray(1)
      const found = outcomeOf(() => compiled[which]!.decode(body))
      const other = outcomeOf(() => interpreted[which]!.decode(body))
      claim(found.error?.message === other.error?.message, 'The back ends refuse for different reasons')
      // What is skipped is held to less than what is described, so this may be refused; but not be anything else.
      const described = outcomeOf(() => dump(body, layout))
      if (described.error) refused(described.error, 'invalid_argument', ['bad_payload', 'too_deep'])
      if (found.error) return refused(found.error, 'invalid_argument', ['bad_payload', 'too_deep'])
      const again = compiled[which]!.encode(found.value)
      const same = interpreted[which]!.encode(other.value)
      claim(isDeepStrictEqual(again, same), 'The back ends read different values')
      const third = compiled[which]!.encode(compiled[which]!.decode(again))
      claim(isDeepStrictEqual(third, again), 'Another value came back after encoding it again')
      return { result: 'value', labels: [`a value of type ${which}`] }
    },
  }
}

function outcomeOf(run: () => unknown): { value?: unknown; error?: RpcError } {
  try {
    return { value: run() }
  } catch (error) {
    return { error: error as RpcError }
  }
}

function someMessage(codecs: readonly Codec[], random: Random): Uint8Array {
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

function vectors(layout: LayoutName): Uint8Array[] {
  const file = new URL('../../../docs/vectors/codec-binary.json', import.meta.url)
  const { good } = JSON.parse(readFileSync(file, 'utf8')) as { good: readonly Record<LayoutName, string>[] }
  return good.map((vector) => fromHex(vector[layout]))
}

/** Bodies in Thrift's binary layout. */
export const binaryTarget: Target = thriftTarget('binary')

/** Bodies in Thrift's compact layout. */
export const compactTarget: Target = thriftTarget('compact')
