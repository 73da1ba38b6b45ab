import { harness, heapUsed } from '@hawser/compliance/harness'
import { owned } from '@hawser/contract'
import { bytes, field, i32, list, serverStream, service, struct } from '@hawser/schema'
import { tcp } from '@hawser/transport-tcp'
import t from 'tap'
import { strands } from './support/columns.js'
import { stack } from './support/stack.js'

harness(t)

const Part = struct('lifetime.Part', { index: field(1, i32), bin: field(2, bytes) })
const Outer = struct('lifetime.Outer', { parts: field(1, list(Part)) })
const Lifetime = service('lifetime.Lifetime', { watch: serverStream(i32, Outer) })

const size = 4_096

function filled(index: number): Uint8Array {
  return new Uint8Array(size).fill(index % 251)
}

for (const { codec } of strands)
  t.test(`AM-39 nested bytes stay what they are when all around them is gone (${codec.name})`, async (t) => {
    await using all = await stack({ transport: tcp(), address: 'tcp://127.0.0.1:0', codecs: [codec] })
    all.server.implement(Lifetime, {
      *watch(count) {
        for (let index = 0; index < count; index++)
          yield {
            parts: [
              { index, bin: filled(index) },
              { index: index + 1, bin: filled(index + 1) },
            ],
          }
      },
    })
    const { watch } = all.client.stub(Lifetime, all.address)
    const kept: { readonly index: number; readonly bin: Uint8Array }[] = []
    for await (const { parts } of watch(400)) kept.push(parts[1]!)
    await heapUsed()
    const wrong = kept.filter(
      ({ index, bin }) => bin.length !== size || bin.some((byte) => byte !== index % 251),
    )
    t.same(wrong, [], 'no memory was used anew')
    const own = kept.map(({ bin }) => owned(bin))
    t.ok(own.every((bin) => bin.buffer.byteLength === size))
    for (const [index, { bin }] of kept.entries()) if (own[index] !== bin) bin.fill(255)
    t.ok(own.every((bin, index) => bin[0] === (index + 1) % 251))
  })
