import { codecSuite } from '@hawser/compliance/codec'
import { schemaSuite } from '@hawser/compliance/schema'
import type { Limits } from '@hawser/contract'
import t from 'tap'
import { protobuf } from '../src/index.js'

const create = (limits: Limits) => protobuf({ limits })

// Values without a type are google.protobuf.Value, which has what JSON has.
codecSuite({
  test: t,
  create,
  supports: { bytes: 'base64', bigint: false, date: false, nonFinite: true, negativeZero: true },
})
schemaSuite({
  test: t,
  create,
  supports: {
    nesting: true,
    keys: 'any',
    emptyContainers: true,
    required: true,
    fields: 'id',
    // A message may end behind any of its fields.
    whole: false,
    nonFinite: true,
    negativeZero: true,
  },
})
