import { transportSuite } from '@hawser/compliance/transport'
import t from 'tap'
import { worker } from '../src/index.js'

let count = 0

transportSuite({
  test: t,
  async create() {
    // One that nobody listens on, and another one each time.
    const address = `worker:///tmp/suite-${process.pid}-${count++}`
    return { transport: worker(), address }
  },
  supports: { freeAddress: false },
})
