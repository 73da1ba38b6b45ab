import { schemaSuite } from '@hawser/compliance/schema'
import t from 'tap'
import { type BinaryOptions, binary, compact } from '../src/index.js'

// Neither carries a value without a type, so the suite of codecs that do is not for them.
for (const [layout, make] of Object.entries({ binary, compact }))
  for (const backEnd of ['compiled', 'interpreted'] satisfies BinaryOptions['backEnd'][])
    t.test(`${layout}, ${backEnd}`, async (t) => {
      schemaSuite({
        test: t,
        create: (limits) => make({ limits, backEnd }),
        supports: {
          nesting: true,
          keys: 'any',
          emptyContainers: true,
          required: true,
          fields: 'id',
          whole: true,
          nonFinite: true,
          negativeZero: true,
        },
      })
    })
