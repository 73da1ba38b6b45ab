import { protocolSuite } from '@hawser/compliance/protocol'
import type { Protocol } from '@hawser/contract'
import { native } from '@hawser/wire'
import t from 'tap'
import { OpenerSession } from '../src/session.js'

const whole = native()
// The opener is this package's; what it talks to is the whole protocol.
const lite: Protocol = { ...whole, open: (connection, context) => new OpenerSession(connection, context) }

protocolSuite({
  test: t,
  create: () => lite,
  supports: {
    kinds: ['unary', 'client-stream', 'server-stream', 'duplex', 'oneway'],
    boundaries: 'both',
    multiplexes: true,
    symmetric: false,
    notifications: true,
    headers: true,
    cancels: true,
    deadlines: true,
    errorFacts: true,
    backpressure: true,
    drains: true,
  },
})
