import { readFileSync } from 'node:fs'
import { type CodecVectors, codecSuite, codecVectors } from '@hawser/compliance/codec'
import { schemaSuite } from '@hawser/compliance/schema'
import type { Limits } from '@hawser/contract'
import t from 'tap'
import { json } from '../src/index.js'

const create = (limits: Limits) => json({ limits })
const vectors = new URL('../../../docs/vectors/codec-json.json', import.meta.url)

codecSuite({
  test: t,
  create,
  supports: { bytes: 'base64', bigint: false, date: false, nonFinite: false, negativeZero: true },
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
    fields: 'name',
    whole: true,
    nonFinite: true,
    negativeZero: true,
  },
})
