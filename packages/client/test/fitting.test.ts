import { binary, raw } from '@hawser/codec-binary'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import { bytes, i32, service, string, unary } from '@hawser/schema'
import t from 'tap'
import { Echo, echo } from './support/echo.js'
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

t.test('what nothing describes goes by a codec that needs no types, and the rest by the first', async (t) => {
  const seen: string[] = []
  await using all = await stack({ codecs: [binary(), json()], server: watching(seen) })
  all.server.implement(Echo, echo().handlers)
  all.server.implement(service('demo.Plain', { double: unary<number, number>(), ping: unary(undefined) }), {
    double: (n) => 2 * n,
    ping: () => {},
  })
  all.server.rpc('/to_string', (n: number) => String(n))
  t.equal(await all.client.remote<(n: number) => string>(all.address, '/to_string')(7), '7')
  t.same(await all.client.stub(Echo, all.address).say({ text: 'a', numbers: [1] }), {
    text: 'a',
    numbers: [1],
  })
  const plain = all.client.stub(
    service('demo.Plain', { double: unary<number, number>(), ping: unary(undefined) }),
    all.address,
  )
  t.equal(await plain.double(4), 8)
  t.equal(await plain.ping(), undefined)
  t.same(seen, ['json', 'binary', 'json', 'binary'])
})

t.test('what no codec can carry is misuse when it is registered', async (t) => {
  await using all = await stack({ codecs: [binary()] })
  t.throws(() => all.server.rpc('/a', () => 1), TypeError)
  t.throws(
    () => all.server.implement(service('demo.A', { a: unary<number, number>() }), { a: (n) => n }),
    TypeError,
  )
})
