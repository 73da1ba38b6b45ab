import { isDeepStrictEqual } from 'node:util'
import { type AnyType, field, i32, list, optional, string, struct } from '@hawser/schema'
import fc from 'fast-check'
import t from 'tap'
import { type BinaryOptions, binary, compact } from '../src/index.js'
import { Everything, everything } from './support/everything.js'
import { toJson } from './support/thrift.js'

const Older = struct('t.Wrapped', { each: field(1, list(struct('t.Nothing', {}))), name: field(2, string) })
const Newer = struct('t.Wrapped', {
  each: field(1, list(Everything)),
  name: field(2, string),
  more: field(9, optional(i32)),
})

for (const [layout, make] of Object.entries({ binary, compact }))
  for (const backEnd of ['compiled', 'interpreted'] satisfies BinaryOptions['backEnd'][])
    t.test(
      `TH-20 ${layout}, ${backEnd}: unknown fields are dropped, or kept and written again`,
      async (t) => {
        const newer = make().typed(Newer)
        const drops = make({ backEnd }).typed(Older)
        const keeps = make({ backEnd, unknownFields: 'keep' }).typed(Older)
        fc.assert(
          fc.property(fc.array(everything, { maxLength: 3 }), fc.nat(20), (each, headroom) => {
            const value = { each, name: 'n', more: 5 }
            const bytes = newer.encode(value)
            const known = { each: each.map(() => ({})), name: 'n' }
            const dropped = drops.decode(bytes)
            if (!isDeepStrictEqual(dropped, known)) return false
            if (drops.encode(dropped).length !== drops.encode(known).length) return false
            const kept = keeps.decode(bytes)
            if (!isDeepStrictEqual(kept, known)) return false
            const again = newer.decode(keeps.encode(kept, headroom).subarray(headroom))
            return isDeepStrictEqual(
              toJson(Newer as AnyType, again),
              toJson(Newer as AnyType, newer.decode(bytes)),
            )
          }),
          { seed: 3, numRuns: 150 },
        )
        const kept = keeps.decode(newer.encode({ each: [], name: 'n', more: 5 }))
        t.strictSame(newer.decode(keeps.encode({ ...kept })), { each: [], name: 'n' }, 'a copy has none')
        kept.name = 'other'
        t.strictSame(newer.decode(keeps.encode(kept)), { each: [], name: 'other', more: 5 })
      },
    )
