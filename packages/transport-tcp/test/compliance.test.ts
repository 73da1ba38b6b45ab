import { harness } from '@hawser/compliance/harness'
import { transportSuite } from '@hawser/compliance/transport'
import t from 'tap'
import { tcp } from '../src/index.js'

harness(t)

t.test('tcp', async (t) => {
  transportSuite({
    test: t,
    create: async () => ({ transport: tcp(), address: 'tcp://127.0.0.1:0' }),
    supports: { freeAddress: true },
  })
})
