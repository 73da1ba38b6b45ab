import { callsThrough, createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import { harness } from '@hawser/compliance/harness'
import { currentCall } from '@hawser/context'
import type { Peer } from '@hawser/contract'
import { createServer } from '@hawser/server'
import { memory } from '@hawser/transport-memory'
import t from 'tap'
import { Echo, echo } from './support/echo.js'
import { collect, stack, transports, until } from './support/stack.js'

harness(t)

const codecs = [json()]

for (const { name, transport, address } of transports())
  t.test(`${name}: a server calls its client over the same connection, in every kind`, async (t) => {
    const ofClient = createServer({ codecs, log: () => {} })
    const { handlers, record } = echo()
    ofClient.implement(Echo, handlers)
    await using all = await stack({ transport, address, client: { handler: ofClient.handler } })
    await all.client.connect(all.address)
    await until(() => all.server.connections.length === 1)
    using back = callsThrough(all.server.connections[0]!, { codecs })
    const stub = back.stub(Echo)
    t.same(await stub.say({ text: 'up', numbers: [1] }), { text: 'up', numbers: [1] })
    t.equal(await stub.sum([1, 2, 3]), 6)
    t.same(await collect(stub.count({ to: 3 })), [1, 2, 3])
    t.same(await collect(stub.mirror(['a', 'b'])), ['A', 'B'])
    await stub.tell('pushed')
    await t.rejects(stub.refuse({ why: 'no' }), { code: 'failed_precondition', details: { why: 'no' } })
    await t.rejects(stub.hang.with({ timeoutMs: 150 })('x'), { code: 'deadline_exceeded' })
    await until(() => record.told.length === 1 && record.cancelled.has('x'))
    t.equal(all.server.connections.length, 1)
  })

t.test('both sides call each other at the same time, and from inside each other', async (t) => {
  const ofClient = createServer({ codecs })
  await using all = await stack({ client: { handler: ofClient.handler } })
  const down = all.client.remote<(n: number) => number>(all.address, '/down')
  ofClient.rpc('/up', (n: number): number | Promise<number> => (n === 0 ? 0 : down(n - 1)))
  all.server.rpc('/down', async (n: number) => {
    using back = callsThrough(currentCall()!.connection!, { codecs })
    return (n === 0 ? 0 : await back.remote<(n: number) => number>('/up')(n - 1)) + 1
  })
  t.same(await Promise.all([down(0), down(1), down(10)]), [1, 1, 6])
  using back = callsThrough(all.server.connections[0]!, { codecs })
  t.equal(await back.remote<(n: number) => number>('/up')(3), 2)
})

t.test('a client without a handler has no methods', async (t) => {
  await using all = await stack()
  await all.client.connect(all.address)
  using back = callsThrough(all.server.connections[0]!, { codecs })
  await t.rejects(back.remote('/x')(), { code: 'unimplemented', reason: 'no_method', executed: 'no' })
  t.equal(await back.remote('/x').enabled(), false)
  t.throws(() => callsThrough(all.server.connections[0]!, { codecs: [msgpack()] }), TypeError)
})

t.test('FR-12 TH-26 a forwarder is a server whose handler is that of a client', async (t) => {
  const transport = memory()
  await using behind = await stack({ transport, address: 'memory://behind' })
  const { handlers, record } = echo()
  behind.server.implement(Echo, handlers)
  await using onward = createClient({ transports: [transport], codecs })
  const forward = onward.handler('memory://behind')
  await using front = await stack({
    transport,
    address: 'memory://front',
    server: { middleware: [() => forward] },
  })
  const stub = front.client.stub(Echo, 'memory://front')
  t.same(await stub.say({ text: 'x', numbers: [] }), { text: 'x', numbers: [] })
  t.equal(await stub.sum([1, 2]), 3)
  t.same(await collect(stub.count({ to: 2 })), [1, 2])
  t.same(await collect(stub.mirror(['a'])), ['A'])
  await t.rejects(stub.refuse({ why: 'no' }), {
    code: 'failed_precondition',
    details: { why: 'no', at: [1, 2] },
  })
  await t.rejects(front.client.remote('memory://front', '/none')(), {
    code: 'unimplemented',
    reason: 'no_method',
    executed: 'no',
  })
  await t.rejects(stub.hang.with({ timeoutMs: 150 })('x'), { code: 'deadline_exceeded' })
  for await (const n of stub.drip('y')) if (n === 2) break
  await until(() => record.cancelled.has('x') && record.closed.has('y'))
})

t.test('middleware wraps calls on both sides, the first outermost', async (t) => {
  const order: string[] = []
  const note =
    (name: string) =>
    (next: Peer['handler']): Peer['handler'] =>
    async (call) => {
      order.push(`${name} in`)
      const reply = await next(call)
      order.push(`${name} out`)
      return reply
    }
  await using all = await stack({
    client: { middleware: [note('client 1'), note('client 2')] },
    server: { middleware: [note('server 1'), note('server 2')] },
  })
  all.server.implement(Echo, echo().handlers)
  await all.client.stub(Echo, all.address).say({ text: '', numbers: [] })
  const names = ['client 1', 'client 2', 'server 1', 'server 2']
  t.same(order, [...names.map((name) => `${name} in`), ...names.reverse().map((name) => `${name} out`)])
  t.same(await collect(all.client.stub(Echo, all.address).count({ to: 2 })), [1, 2])
})

t.test('middleware that never ends holds no call beyond its deadline', async (t) => {
  await using all = await stack({ client: { middleware: [() => () => new Promise(() => {})] } })
  const a = all.client.remote(all.address, '/a').with({ timeoutMs: 30 })
  await t.rejects(a(), { code: 'deadline_exceeded' })
})
