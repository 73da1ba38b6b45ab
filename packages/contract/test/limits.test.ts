import {
  clientAmounts,
  defaultLimits,
  dialAmounts,
  type LimitName,
  type LimitRow,
  limitsOf,
  limitsWith,
  limitTable,
  valueAmounts,
} from '@hawser/contract'
import t from 'tap'

t.test('every limit has a default, a unit, and says what it is about', async (t) => {
  for (const [name, row] of Object.entries(limitTable) as [LimitName, LimitRow][]) {
    t.equal(defaultLimits[name], row.value)
    t.ok(row.about.length > 0, name)
    t.ok(row.ceiling === undefined || row.value <= row.ceiling, `${name} is within its ceiling`)
  }
  t.ok(Object.isFrozen(defaultLimits))
})

t.test('limits can be changed one by one, up to their ceiling', async (t) => {
  const ceiling = limitTable.depth.ceiling!
  t.equal(limitsWith().depth, defaultLimits.depth)
  t.equal(limitsWith({ depth: ceiling - 1 }).depth, ceiling - 1)
  t.equal(limitsWith({ depth: ceiling }).depth, ceiling)
  t.throws(() => limitsWith({ depth: ceiling + 1 }), TypeError)
  t.equal(limitsWith({ depth: 3 }).nodes, defaultLimits.nodes)
})

t.test('what is no limit is refused', async (t) => {
  t.throws(() => limitsWith({ nonsense: 1 } as never), /no limit named "nonsense"/)
  t.throws(() => limitsWith({ toString: 1 } as never), TypeError)
  for (const value of [Number.NaN, -1, Number.POSITIVE_INFINITY, '4', null])
    t.throws(() => limitsWith({ depth: value as number }), TypeError)
})

t.test('some limits can be had by themselves', async (t) => {
  const some = { ...limitsOf(valueAmounts), ...limitsOf(dialAmounts), ...limitsOf(clientAmounts) }
  t.ok(Object.keys(some).length > 20)
  t.match(defaultLimits, some)
  t.same(limitsOf(valueAmounts, { nodes: 7, callMs: 1 }), { depth: 64, nodes: 7, integerDigits: 20 })
  t.ok(Object.isFrozen(limitsOf(valueAmounts)))
  for (const value of [Number.NaN, -1, Number.POSITIVE_INFINITY, '4', null, undefined, 513])
    t.throws(
      () => limitsOf(valueAmounts, { depth: value as number }),
      /The limit depth must be a number from 0 to 512/,
    )
  t.throws(() => limitsOf(valueAmounts, { nodes: -1 }), /from 0 up/)
})
