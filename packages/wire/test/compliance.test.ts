import { protocolSuite } from '@hawser/compliance/protocol'
import t from 'tap'
import { native } from '../src/native.js'

protocolSuite({
  test: t,
  create: () => native(),
  supports: {
    kinds: ['unary', 'client-stream', 'server-stream', 'duplex', 'oneway'],
    boundaries: 'both',
    multiplexes: true,
    symmetric: true,
    notifications: true,
    headers: true,
    cancels: true,
    deadlines: true,
    errorFacts: true,
    backpressure: true,
    drains: true,
  },
})
