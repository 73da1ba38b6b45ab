import type { Stub } from '@hawser/client'
import { raw } from '@hawser/codec-binary'
import { harness } from '@hawser/compliance/harness'
import type { CallKind } from '@hawser/contract'
import t, { type Test } from 'tap'
import { Bytes, bytesHandlers, pieces } from './support/bytes.js'
import { columns, strands } from './support/columns.js'
import { collect, until } from './support/stack.js'

harness(t)

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** The calls of {@link Bytes}, by kind. */
const kinds: Record<
  CallKind,
  (t: Test, stub: Stub<typeof Bytes.methods>, told: Uint8Array[]) => Promise<void>
> = {
  unary: async (t, { unary }) => {
    for (const each of pieces) t.equal(hex(await unary(each)), hex(each))
  },
  oneway: async (t, { oneway }, told) => {
    await oneway(pieces[1]!)
    await until(() => told.length === 1)
    t.same(told.map(hex), [hex(pieces[1]!)])
  },
  'client-stream': async (t, { clientStream }) => {
    t.equal(hex(await clientStream(pieces)), pieces.map(hex).join(''))
  },
  'server-stream': async (t, { serverStream }) => {
    t.same((await collect(serverStream(pieces[2]!))).map(hex), [hex(pieces[2]!), hex(pieces[2]!)])
  },
  duplex: async (t, { duplex }) => {
    t.same((await collect(duplex(pieces))).map(hex), pieces.map(hex))
  },
}

for (const column of columns)
  for (const codec of [raw(), ...strands.map(({ codec }) => codec)])
    t.test(`TH-27 ${column.name}, ${codec.name}: bytes by calls of every kind`, async (t) => {
      const told: Uint8Array[] = []
      await using place = await column.lay(codec, (server) => server.implement(Bytes, bytesHandlers(told)))
      const stub = place.stub(Bytes)
      for (const run of Object.values(kinds)) await run(t, stub, told)
    })
