import { inspect, isDeepStrictEqual } from 'node:util'
import { RpcError } from '@hawser/contract'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { samples } from './support/arbitrary.js'
import { backEnds } from './support/back-ends.js'

interface Tried {
  readonly value?: unknown
  readonly refused?: readonly unknown[]
}

function tried(run: () => unknown): Tried {
  try {
    return { value: run() }
  } catch (error) {
    if (!RpcError.is(error)) throw error
    return { refused: [error.code, error.reason, error.executed, error.message] }
  }
}

/** Errors compare by what they hold, since each has a stack of its own. */
function plain(value: unknown): unknown {
  if (value instanceof Error) return { error: value.name, ...(plain({ ...value }) as object) }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Set) return new Set([...value].map(plain))
  if (value instanceof Map) return new Map([...value].map(([key, of]) => [plain(key), plain(of)]))
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value).map(([key, of]) => [key, plain(of)])
}

function same(found: unknown, wanted: unknown, which: string): void {
  if (!isDeepStrictEqual(found, wanted))
    throw new Error(`${which}: ${show(found)} instead of ${show(wanted)}`)
}

function show(value: unknown): string {
  return inspect(value, { depth: 4, breakLength: Number.POSITIVE_INFINITY }).slice(0, 500)
}

function outcome({ value, refused }: Tried): unknown {
  return refused ?? { value: plain(value) }
}

/** Without making a failure smaller, which takes minutes where there are thousands of tests. */
function holds<T>(
  t: Test,
  at: number,
  arbitrary: fc.Arbitrary<T>,
  numRuns: number,
  check: (value: T) => void,
): void {
  const result = fc.check(fc.property(arbitrary, check), { seed: at, numRuns, endOnFailure: true })
  if (result.failed) t.fail(`${at}: ${String(result.errorInstance)}, for ${show(result.counterexample)}`)
}

for (const layout of ['binary', 'compact'] as const) {
  const all = samples(16, layout === 'binary' ? 1 : 2)

  t.test(`${layout}: compiled, generated and interpreted give the same bytes and values`, async (t) => {
    const ends = await backEnds(
      t,
      all.map(({ type }) => type),
      layout,
    )
    for (const [at, { values }] of all.entries()) {
      const { compiled, generated, interpreted } = ends[at]!
      holds(t, at, fc.tuple(values, fc.nat(40)), 25, ([value, headroom]) => {
        const bytes = compiled.encode(value, headroom)
        same(hex(generated.encode(value, headroom)), hex(bytes), 'generated')
        same(hex(interpreted.encode(value, headroom)), hex(bytes), 'interpreted')
        const body = bytes.subarray(headroom)
        const found = compiled.decode(body)
        same(plain(generated.decode(body)), plain(found), 'generated')
        same(plain(interpreted.decode(body)), plain(found), 'interpreted')
        same(hex(interpreted.encode(found)), hex(compiled.encode(found)), 'what was decoded')
      })
    }
    t.pass()
  })

  t.test(`${layout}: they refuse the same bytes for the same reason`, async (t) => {
    const ends = await backEnds(
      t,
      all.map(({ type }) => type),
      layout,
    )
    let refusals = 0
    for (const [at, { values }] of all.entries()) {
      const { compiled, generated, interpreted } = ends[at]!
      const change = fc.record({ place: fc.nat(), byte: fc.nat(255), kind: fc.nat(3), cut: fc.nat(20) })
      holds(
        t,
        at,
        fc.tuple(values, fc.array(change, { minLength: 1, maxLength: 3 })),
        60,
        ([value, changes]) => {
          const bytes = changes.reduce<Uint8Array>(changed, compiled.encode(value))
          const found = tried(() => compiled.decode(bytes))
          if (found.refused) refusals++
          for (const [which, codec] of Object.entries({ generated, interpreted }))
            same(outcome(tried(() => codec.decode(bytes))), outcome(found), `${which}, ${hex(bytes)}`)
        },
      )
    }
    t.ok(refusals > 200, 'many were refused')
  })

  t.test(`${layout}: they refuse the same values for the same reason`, async (t) => {
    const ends = await backEnds(
      t,
      all.map(({ type }) => type),
      layout,
    )
    let refusals = 0
    const others = fc.anything({
      withMap: true,
      withSet: true,
      withBigInt: true,
      withTypedArray: true,
      maxDepth: 3,
    })
    for (const [at, { values }] of all.entries()) {
      const { compiled, generated, interpreted } = ends[at]!
      const spoilt = fc
        .tuple(values, others, fc.nat())
        .map(([value, other, place]) => spoil(value, other, place))
      holds(t, at, fc.oneof(spoilt, others), 40, (value) => {
        const found = tried(() => compiled.encode(value))
        if (found.refused) refusals++
        for (const [which, codec] of Object.entries({ generated, interpreted }))
          same(outcome(tried(() => codec.encode(value))), outcome(found), which)
      })
    }
    t.ok(refusals > 200, 'many were refused')
  })
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

interface Change {
  readonly place: number
  readonly byte: number
  readonly kind: number
  readonly cut: number
}

function changed(bytes: Uint8Array, { place, byte, kind, cut }: Change): Uint8Array {
  const at = bytes.length === 0 ? 0 : place % bytes.length
  const copy = Uint8Array.from(bytes)
  if (kind === 0 && copy.length > 0) copy[at] = byte
  if (kind === 1) return Buffer.concat([bytes.subarray(0, at), Uint8Array.of(byte), bytes.subarray(at)])
  if (kind === 2) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + cut)])
  // A part once more: fields that are there twice, and fields of elsewhere.
  if (kind === 3)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + cut), bytes.subarray(at)])
  return copy
}

/** The value with some part of it replaced. */
function spoil(value: unknown, other: unknown, place: number): unknown {
  if (Array.isArray(value) && value.length > 0) {
    const at = place % value.length
    return value.map((each, i) => (i === at ? spoil(each, other, place >> 2) : each))
  }
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return other
  if (value instanceof Map) return new Map([...value, [other, other]])
  if (value instanceof Set) return new Set([...value, other])
  const keys = Object.keys(value)
  const key = keys[place % Math.max(keys.length, 1)]
  if (key === undefined || place % 7 === 0) return other
  return { ...value, [key]: spoil(Reflect.get(value, key), other, place >> 2) }
}
