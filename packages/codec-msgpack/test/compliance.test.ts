import { readFileSync } from 'node:fs'
import { type CodecVectors, codecSuite, codecVectors } from '@hawser/compliance/codec'
import { schemaSuite } from '@hawser/compliance/schema'
import type { Limits } from '@hawser/contract'
import t from 'tap'
import { msgpack } from '../src/index.js'

const create = (limits: Limits) => msgpack({ limits })
const vectors = new URL('../../../docs/vectors/codec-msgpack.json', import.meta.url)

codecSuite({
  test: t,
  create,
  supports: { bytes: 'bytes', bigint: true, date: true, nonFinite: true, negativeZero: true },
})
codecVectors({ test: t, create }, JSON.parse(readFileSync(vectors, 'utf8')) as CodecVectors)
schemaSuite({
  test: t,
  create,
  supports: {
    nesting: true,
    keys: 'any',
    emptyContainers: true,
    required: true,
    fields: 'id',
    whole: true,
    nonFinite: true,
    negativeZero: true,
  },
})
