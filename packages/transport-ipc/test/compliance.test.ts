import { transportSuite } from '@hawser/compliance/transport'
import t from 'tap'
import { ipc } from '../src/index.js'

let count = 0

transportSuite({
  test: t,
  async create() {
    // One that nobody listens on, and another one each time.
    const address = `ipc:///tmp/suite-${process.pid}-${count++}`
    return { transport: ipc(), address }
  },
  supports: { freeAddress: false },
})
