import { type CodecSuite, codecWith, throwsTyped } from './codec-subject.js'
import { nested, sameValue } from './codec-values.js'

/** Each limit at one less, exactly, and one more, on both sides. */
export function testLimits(suite: CodecSuite): void {
  suite.test.test('depth', async (t) => {
    const generous = codecWith(suite, { depth: 512 })
    for (const depth of [1, 2, 10, 64]) {
      const codec = codecWith(suite, { depth })
      for (const fine of [depth - 1, depth].filter((each) => each > 0)) {
        const value = nested(fine)
        t.ok(sameValue(codec.decode(codec.encode(value)), value), `${fine} of ${depth}`)
      }
      const value = nested(depth + 1)
      throwsTyped(t, () => codec.encode(value), 'too_deep', `encode ${depth + 1} of ${depth}`)
      throwsTyped(
        t,
        () => codec.decode(generous.encode(value)),
        'too_deep',
        `decode ${depth + 1} of ${depth}`,
      )
    }
    throwsTyped(t, () => generous.encode(nested(513)), 'too_deep', 'past the ceiling')
    t.ok(sameValue(generous.decode(generous.encode(nested(512))), nested(512)), 'at the ceiling')
  })

  suite.test.test('depth counts what is open, not what has been', async (t) => {
    const codec = codecWith(suite, { depth: 3 })
    const value = Array.from({ length: 100 }, () => [{ a: 1 }])
    t.ok(sameValue(codec.decode(codec.encode(value)), value))
  })

  suite.test.test('a depth of 0 lets single values through', async (t) => {
    const codec = codecWith(suite, { depth: 0 })
    t.equal(codec.decode(codec.encode('x')), 'x')
    throwsTyped(t, () => codec.encode([]), 'too_deep', 'an array')
  })

  suite.test.test('nodes: every value counts, the outermost too, keys do not', async (t) => {
    const generous = codecWith(suite)
    const shapes: ((nodes: number) => unknown)[] = [
      (nodes) => new Array(nodes - 1).fill(1),
      (nodes) => [new Array(nodes - 2).fill('x')],
      (nodes) => Object.fromEntries(Array.from({ length: nodes - 1 }, (_, i) => [`k${i}`, null])),
      (nodes) => Array.from({ length: nodes - 1 }, () => []),
    ]
    for (const nodes of [4, 100])
      for (const shape of shapes) {
        const codec = codecWith(suite, { nodes })
        for (const fine of [nodes - 1, nodes])
          t.ok(sameValue(codec.decode(codec.encode(shape(fine))), shape(fine)), `${fine} of ${nodes}`)
        const value = shape(nodes + 1)
        throwsTyped(t, () => codec.encode(value), 'too_deep', `encode ${nodes + 1} of ${nodes}`)
        throwsTyped(
          t,
          () => codec.decode(generous.encode(value)),
          'too_deep',
          `decode ${nodes + 1} of ${nodes}`,
        )
      }
  })

  suite.test.test('shared objects count each time, so that few bytes cannot become many', async (t) => {
    let value: unknown = 1
    for (let i = 0; i < 30; i++) value = [value, value]
    throwsTyped(t, () => codecWith(suite).encode(value), 'too_deep', '2^30 nodes')
  })

  suite.test.test('limits that are none are the mistake of the caller', async (t) => {
    for (const depth of [-1, Number.NaN, 513])
      t.throws(() => codecWith(suite, { depth }), { name: 'TypeError' }, `depth ${depth}`)
  })
}
