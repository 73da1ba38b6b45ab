import { binary } from '@hawser/codec-binary'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import type { Codec } from '@hawser/contract'
import { serverStream, service } from '@hawser/schema'
import t from 'tap'
import { Echo, echo } from './support/echo.js'
import { collect, type Stack, stack } from './support/stack.js'

harness(t)

async function speaking(ofClient: readonly Codec[], ofServer: readonly Codec[]): Promise<Stack> {
  const all = await stack({ client: { codecs: ofClient }, server: { codecs: ofServer } })
  all.server.implement(Echo, echo().handlers)
  return all
}

t.test(
  'calls made before the server said what it takes are laid out anew, whatever their kind',
  async (t) => {
    for (const first of ['say', 'sum', 'count', 'mirror', 'refuse'] as const) {
      await using all = await speaking([json(), msgpack()], [msgpack()])
      const stub = all.client.stub(Echo, all.address)
      if (first === 'say') t.same(await stub.say({ text: 'x', numbers: [] }), { text: 'x', numbers: [] })
      if (first === 'sum') t.equal(await stub.sum([1, 2]), 3)
      if (first === 'count') t.same(await collect(stub.count({ to: 2 })), [1, 2])
      if (first === 'mirror') t.same(await collect(stub.mirror(['a'])), ['A'])
      if (first === 'refuse')
        await t.rejects(stub.refuse({ why: 'x' }), { code: 'failed_precondition', details: { why: 'x' } })
      t.same((await all.client.connect(all.address)).codecs, ['msgpack'])
      t.same(
        await Promise.all([stub.sum([1]), collect(stub.count({ to: 1 }))]),
        [1, [1]],
        'and so are later ones',
      )
    }
  },
)

t.test('many calls at once, all of them before the handshake', async (t) => {
  await using all = await speaking([json(), msgpack()], [msgpack()])
  const { say } = all.client.stub(Echo, all.address)
  const parcels = Array.from({ length: 200 }, (_, n) => ({ text: `${n}`, numbers: [n] }))
  t.same(await Promise.all(parcels.map((parcel) => say(parcel))), parcels)
})

t.test('what cannot travel in the codec that both have is refused, and harms no other call', async (t) => {
  await using all = await speaking([json(), binary()], [binary()])
  const stub = all.client.stub(Echo, all.address)
  const plain = all.client.remote<(n: number) => string>(all.address, '/plain')
  const { count } = all.client.stub(
    service('test.Echo', { count: serverStream<{ to: number }, number>() }),
    all.address,
  )
  const outcomes = await Promise.allSettled([
    plain(1),
    stub.say({ text: 'x', numbers: [] }),
    collect(count({ to: 2 })),
    stub.sum([1, 2]),
  ])
  t.match(outcomes, [
    { reason: { code: 'unimplemented', executed: 'no' } },
    { value: { text: 'x' } },
    { reason: { code: 'unimplemented', executed: 'no' } },
    { value: 3 },
  ])
  await t.rejects(
    plain(1),
    { code: 'unimplemented', reason: 'no_codec', executed: 'no' },
    'and so are later ones',
  )
  t.equal(all.server.counters.get('connection_bad_payload'), undefined)
})

t.test('the client prefers, the server chooses among what it has', async (t) => {
  await using all = await speaking([msgpack(), json()], [json(), msgpack()])
  t.same((await all.client.connect(all.address)).codecs, ['msgpack', 'json'])
})

t.test('without a codec in common there is no connection, and trying again makes no sense', async (t) => {
  await using all = await speaking([json()], [msgpack()])
  const { say } = all.client.stub(Echo, all.address)
  await t.rejects(say({ text: 'x', numbers: [] }), {
    code: 'unimplemented',
    reason: 'unsupported',
    executed: 'no',
    retryable: false,
  })
  t.equal(all.server.counters.get('connection_unsupported'), 1)
})
