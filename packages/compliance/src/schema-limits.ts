import { type Codec, RpcError } from '@hawser/contract'
import { type AnyType, bool, field, i32, list, map, optional, set, string, struct } from '@hawser/schema'
import { throwsTyped } from './codec-subject.js'
import { layoutOf, type SchemaSuite } from './schema-subject.js'
import { Chain, chainOf, Point } from './schema-types.js'
import { readOf, sameTyped } from './schema-values.js'

const Numbers = struct('suite.Numbers', { values: field(1, list(i32)) })
const Empties = struct('suite.Empties', { values: field(1, list(struct('suite.Empty', {}))) })
const Points = struct('suite.Points', { flags: field(1, list(bool)), points: field(2, list(Point)) })

/** Values of exactly so many nodes: every value counts, the outermost too. */
const shapes: readonly (readonly [AnyType, (nodes: number) => unknown])[] = [
  [Numbers, (nodes) => ({ values: new Array(nodes - 2).fill(1) })],
  [Empties, (nodes) => ({ values: Array.from({ length: nodes - 2 }, () => ({})) })],
  [
    Points,
    (nodes) => ({
      flags: new Array(nodes % 3).fill(true),
      points: Array.from({ length: Math.floor(nodes / 3) - 1 }, () => ({ x: 1, y: 2 })),
    }),
  ],
]

/** Each limit at one less, exactly, and one more, on both sides. */
export function testLimits(suite: SchemaSuite): void {
  suite.test.test('depth: structs and containers that are open at a time', async (t) => {
    const generous = layoutOf(suite, Chain, { depth: 512 })
    for (const depth of [1, 2, 10, 64]) {
      const layout = layoutOf(suite, Chain, { depth })
      for (const fine of [depth - 1, depth].filter((each) => each > 0))
        t.strictSame(layout.decode(layout.encode(chainOf(fine))), chainOf(fine), `${fine} of ${depth}`)
      refusedBoth(t, layout, generous, chainOf(depth + 1), `${depth + 1} of ${depth}`)
    }
    t.strictSame(generous.decode(generous.encode(chainOf(512))), chainOf(512), 'at the ceiling')
    const lists = layoutOf(suite, Numbers, { depth: 1 })
    throwsTyped(t, () => lists.encode({ values: [] }), 'too_deep', 'a list is as deep as a struct')
    const wide = layoutOf(suite, list(Numbers), { depth: 3 })
    const value = Array.from({ length: 100 }, () => ({ values: [1] }))
    t.strictSame(wide.decode(wide.encode(value)), value, 'what has been open does not count')
  })

  suite.test.test('depth: a single value has none', async (t) => {
    const layout = layoutOf(suite, string, { depth: 0 })
    t.equal(layout.decode(layout.encode('x')), 'x')
    throwsTyped(t, () => layoutOf(suite, Chain, { depth: 0 }).encode({}), 'too_deep', 'a struct')
  })

  suite.test.test('depth: what an unknown field holds is bounded too', async (t) => {
    const Newer = struct('suite.Holder', { a: field(1, i32), deep: field(2, optional(Chain)) })
    const Older = struct('suite.Holder', { a: field(1, i32) })
    const older = layoutOf(suite, Older, { depth: 4 })
    const bytes = layoutOf(suite, Newer, { depth: 512 }).encode({ a: 1, deep: chainOf(400) })
    try {
      t.strictSame(older.decode(bytes), { a: 1 }, 'ignored')
    } catch (error) {
      t.ok(RpcError.is(error) && error.reason === 'too_deep', 'or refused')
    }
  })

  suite.test.test('nodes: every value counts, in structs and in lists', async (t) => {
    for (const nodes of [6, 99, 100])
      for (const [type, make] of shapes) {
        const layout = layoutOf(suite, type, { nodes })
        for (const fine of [nodes - 1, nodes]) {
          const read = layout.decode(layout.encode(make(fine)))
          t.ok(sameTyped(read, readOf(type, make(fine))), `${fine} of ${nodes}`)
        }
        const generous = layoutOf(suite, type)
        refusedBoth(t, layout, generous, make(nodes + 1), `${nodes + 1} of ${nodes}`)
      }
  })

  suite.test.test('nodes: sets and maps cannot pass them either', async (t) => {
    const numbers = Array.from({ length: 200 }, (_, i) => i)
    const samples: readonly (readonly [AnyType, unknown])[] = [
      [struct('suite.Sets', { values: field(1, set(i32)) }), { values: new Set(numbers) }],
      [
        struct('suite.Maps', { values: field(1, map(string, i32)) }),
        { values: new Map(numbers.map((i) => [`${i}`, i])) },
      ],
    ]
    for (const [type, value] of samples)
      refusedBoth(t, layoutOf(suite, type, { nodes: 100 }), layoutOf(suite, type), value, '200 of 100')
  })

  suite.test.test('a few bytes do not become many values', async (t) => {
    const nothings = Array.from({ length: 1000 }, () => ({}))
    const layout = layoutOf(suite, Empties, { nodes: 100 })
    const bytes = layoutOf(suite, Empties).encode({ values: nothings })
    throwsTyped(t, () => layout.decode(bytes), 'too_deep', 'a list of empty structs')
  })
}

function refusedBoth(
  t: Parameters<typeof throwsTyped>[0],
  layout: Codec,
  generous: Codec,
  value: unknown,
  about: string,
): void {
  const error = throwsTyped(t, () => layout.encode(value), 'too_deep', `encode ${about}`)
  t.equal(error?.executed, 'no')
  throwsTyped(t, () => layout.decode(generous.encode(value)), 'too_deep', `decode ${about}`)
}
