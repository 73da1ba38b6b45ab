import { harness } from '@hawser/compliance/harness'
import { transportSuite } from '@hawser/compliance/transport'
import t from 'tap'
import { memory } from '../src/index.js'

harness(t)

let count = 0

for (const boundaries of ['stream', 'message'] as const)
  t.test(`as a ${boundaries} transport`, async (t) => {
    transportSuite({
      test: t,
      create: async () => ({ transport: memory({ boundaries }), address: `memory://suite-${count++}` }),
      supports: { freeAddress: false },
    })
  })
