import { codecSuite } from '@hawser/compliance/codec'
import t from 'tap'
import { protobuf } from '../src/index.js'

codecSuite({
  test: t,
  create: (limits) => protobuf({ limits }),
  // What it can carry beyond what every codec can.
  supports: { bytes: 'base64', bigint: false, date: false, nonFinite: true, negativeZero: true },
})
