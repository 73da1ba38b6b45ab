import { protocolSuite } from '@hawser/compliance/protocol'
import t from 'tap'
import { jsonFrame } from '../src/index.js'

for (const bigEndian of [false, true])
  t.test(bigEndian ? 'big endian' : 'little endian', async (t) => {
    protocolSuite({
      test: t,
      create: () => jsonFrame({ bigEndian }),
      supports: {
        kinds: ['unary'],
        boundaries: 'both',
        multiplexes: true,
        symmetric: false,
        notifications: false,
        headers: false,
        cancels: false,
        deadlines: false,
        errorFacts: true,
        backpressure: false,
        drains: false,
      },
    })
  })
