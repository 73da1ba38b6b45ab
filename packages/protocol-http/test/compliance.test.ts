import { protocolSuite } from '@hawser/compliance/protocol'
import t from 'tap'
import { http } from '../src/index.js'

protocolSuite({
  test: t,
  create: () => http(),
  dials: true,
  turn: () => new Promise((resolve) => setImmediate(resolve)),
  supports: {
    // The items of a request are read as one body, so that nothing stalls them; elsewhere they are tested.
    kinds: ['unary', 'server-stream', 'oneway'],
    boundaries: 'stream',
    // One connection carries one call at a time.
    multiplexes: false,
    symmetric: false,
    notifications: false,
    headers: true,
    // Cancelling is ending the connection.
    cancels: false,
    deadlines: true,
    errorFacts: true,
    backpressure: true,
    // An opener hears of a close with the answer to its call, not before.
    drains: false,
  },
})
