import { readFileSync } from 'node:fs'
import { type CodecVectors, codecSuite, codecVectors } from '@hawser/compliance/codec'
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
