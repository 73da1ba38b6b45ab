import { readFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import type { AnyType } from '@hawser/schema'
import fc from 'fast-check'
import t from 'tap'
import { binary, compact } from '../src/index.js'
import { Everything, everything } from './support/everything.js'
import { fromJson, noThrift, ThriftPeer, toJson } from './support/thrift.js'

const codecs = { binary: binary().typed(Everything), compact: compact().typed(Everything) }
const type: AnyType = Everything as AnyType
const same = (found: unknown, wanted: unknown): boolean =>
  isDeepStrictEqual(toJson(type, found), toJson(type, wanted))
const layouts = ['binary', 'compact'] as const

interface Vectors {
  readonly good: readonly {
    readonly name: string
    readonly value: unknown
    readonly binary: string
    readonly compact: string
  }[]
}

for (const layout of layouts) {
  const codec = codecs[layout]

  t.test(
    `${layout}: Apache Thrift's Python library reads what is written here`,
    { skip: noThrift() },
    async (t) => {
      const peer = new ThriftPeer(t)
      for (const value of fc.sample(everything, { seed: 1, numRuns: 150 })) {
        const found = fromJson(type, await peer.read(layout, codec.encode(value)))
        if (!same(found, value)) t.strictSame(found, value)
      }
      t.pass()
    },
  )

  t.test(`${layout}: what it writes is read here, and is the same bytes`, { skip: noThrift() }, async (t) => {
    const peer = new ThriftPeer(t)
    for (const value of fc.sample(everything, { seed: 2, numRuns: 150 })) {
      const bytes = await peer.write(layout, toJson(type, value))
      const found = codec.decode(bytes)
      if (!same(found, value)) t.strictSame(found, value)
      // Its sets and maps have orders of their own, and are written with it.
      t.equal(bytes.length, codec.encode(value).length)
      if (!value.names && !value.longs) t.equal(hex(codec.encode(value)), hex(bytes))
    }
    t.pass()
  })

  t.test(`${layout}: golden vectors made by Apache Thrift`, async (t) => {
    const file = new URL('../../../docs/vectors/codec-binary.json', import.meta.url)
    const { good } = JSON.parse(await readFile(file, 'utf8')) as Vectors
    t.ok(good.length > 20)
    for (const vector of good) {
      const value = fromJson(type, vector.value)
      const found = codec.decode(Buffer.from(vector[layout], 'hex'))
      t.ok(same(found, value), vector.name)
      t.equal(hex(codec.encode(found)), vector[layout], vector.name)
    }
  })
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
