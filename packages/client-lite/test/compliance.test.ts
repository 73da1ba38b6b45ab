import { protocolSuite } from '@hawser/compliance/protocol'

import t from 'tap'
import { lite } from './support/protocol.js'

protocolSuite({
  test: t,
  create: () => lite,
  supports: {
    kinds: ['unary', 'client-stream', 'server-stream', 'duplex', 'oneway'],
    boundaries: 'both',
    multiplexes: true,
    symmetric: false,
    notifications: true,
    // Those of a reply are checked, and shown to nobody.
    headers: false,
    cancels: true,
    deadlines: true,
    errorFacts: true,
    backpressure: true,
    drains: true,
  },
})
