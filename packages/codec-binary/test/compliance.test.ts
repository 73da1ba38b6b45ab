import { codecSuite } from '@hawser/compliance/codec'
import t from 'tap'
import { binary } from '../src/index.js'

codecSuite({
  test: t,
  create: (limits) => binary({ limits }),
  // What it can carry beyond what every codec can.
  supports: { bytes: 'bytes', bigint: true, date: true, nonFinite: true, negativeZero: true },
})
