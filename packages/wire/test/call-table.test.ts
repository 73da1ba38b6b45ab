import fc from 'fast-check'
import t from 'tap'
import { CallTable } from '../src/call-table.js'

t.test('it agrees with a Map, for ids that rise in any steps', async (t) => {
  const step = fc.record({
    // Steps of whole rounds of the ring make calls overtake each other.
    add: fc.constantFrom(2, 2, 2, 2, 4, 126, 128, 130, 8_192),
    remove: fc.option(fc.nat(1_000), { nil: undefined }),
    look: fc.nat(1_000),
  })
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 600 }),
      fc.constantFrom(1, 2 ** 31 - 999, 2 ** 32 - 2_000_001),
      (steps, first) => {
        const table = new CallTable<{ readonly id: number }>()
        const model = new Map<number, { readonly id: number }>()
        const ids: number[] = []
        let id = first
        for (const { add, remove, look } of steps) {
          if (id + add >= 2 ** 32) break
          id += add
          const call = { id }
          ids.push(id)
          table.add(call)
          model.set(id, call)
          const other = ids[look % ids.length]!
          if (table.get(other) !== model.get(other)) throw new Error(`another call for ${other}`)
          if (remove !== undefined) {
            const gone = ids[remove % ids.length]!
            if (table.delete(gone) !== model.delete(gone)) throw new Error(`deleting ${gone}`)
          }
          if (table.size !== model.size) throw new Error('another size')
        }
        if (table.get(id + 2) !== undefined) throw new Error('a call that was never added')
        const all = table.values()
        if (all.length !== model.size || [...model.values()].some((call, index) => all[index] !== call))
          throw new Error('other calls, or another order')
        table.clear()
        if (table.size !== 0 || table.get(id) !== undefined || table.values().length !== 0)
          throw new Error('not clear')
      },
    ),
    { numRuns: 300 },
  )
  t.pass()
})
