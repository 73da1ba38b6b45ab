import { raw } from '@hawser/codec-binary'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import { bytes, i32, service, string, unary } from '@hawser/schema'
import t from 'tap'
import { stack } from './support/stack.js'

harness(t)

const Mixed = service('demo.Mixed', { bytes: unary(bytes, bytes), text: unary(i32, string) })
const handlers = { bytes: (input: Uint8Array) => input, text: (input: number) => String(input) }

/** The codec each call came in. */
function watching(seen: string[]) {
  return {
    middleware: [
      (next: (call: never) => unknown) => (call: { codec: string }) => {
        seen.push(call.codec)
        return next(call as never)
      },
    ] as never,
  }
}

t.test('each method is called in the first codec that has a layout for its types', async (t) => {
  const seen: string[] = []
  await using all = await stack({ codecs: [raw(), json()], server: watching(seen) })
  all.server.implement(Mixed, handlers)
  const mixed = all.client.stub(Mixed, all.address)
  t.equal(await mixed.text(7), '7')
  t.same([...(await mixed.bytes(Uint8Array.of(1, 2)))], [1, 2])
  t.same(seen, ['json', 'raw'])
})

t.test('a method that the other side cannot lay out in that codec is called in another', async (t) => {
  await using all = await stack({
    client: { codecs: [json(), msgpack()] },
    server: { codecs: [msgpack(), raw()] },
  })
  all.server.implement(Mixed, handlers)
  const mixed = all.client.stub(Mixed, all.address)
  t.same(await Promise.all([mixed.text(1), mixed.text(2)]), ['1', '2'])
})

t.test('types that none of the codecs can lay out are misuse, on both sides', async (t) => {
  await using all = await stack({ codecs: [raw()] })
  t.throws(() => all.server.implement(Mixed, handlers), TypeError)
  await t.rejects(all.client.stub(Mixed, all.address).text(1), TypeError)
})
