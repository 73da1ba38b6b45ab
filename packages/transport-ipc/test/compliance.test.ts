import { harness } from '@hawser/compliance/harness'
import { transportSuite } from '@hawser/compliance/transport'
import t from 'tap'
import { ipc } from '../src/index.js'
import { folder } from './support/folder.js'

harness(t)

t.test('ipc', async (t) => {
  const place = folder(t)
  let count = 0
  transportSuite({
    test: t,
    create: async () => ({ transport: ipc(), address: place.address(`suite-${count++}`) }),
    supports: { freeAddress: false },
  })
})
