import { createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import type { Connection, Dialer } from '@hawser/contract'
import { clientStream, service } from '@hawser/schema'
import { memory } from '@hawser/transport-memory'
import { tcp } from '@hawser/transport-tcp'
import t from 'tap'
import { refusesBadHeaders } from './support/headers.js'
import { deferred, stack, until } from './support/stack.js'

harness(t)

/** A dialer that keeps what it dialled. */
function watched(dialer: Dialer): Dialer & { readonly dialled: Connection[] } {
  const dialled: Connection[] = []
  return {
    schemes: dialer.schemes,
    dialled,
    async dial(address, options) {
      const connection = await dialer.dial(address, options)
      dialled.push(connection)
      return connection
    },
  }
}

t.test(
  'FP-03 AM-01 AM-08 AM-14 AM-17 AM-18 a remote function returns what the function returns, typed',
  async (t) => {
    await using all = await stack()
    all.server.rpc('/to_string', (n: number) => String(n))
    all.server.rpc('/later', async (n: number) => n + 1)
    all.server.rpc('/nothing', () => {})
    all.server.rpc('/null', () => null)
    const text = all.client.remote<(n: number) => string>(all.address, '/to_string')
    const answer: string = await text(123)
    t.equal(answer, '123')
    t.equal(await all.client.remote<(n: number) => Promise<number>>(all.address, '/later')(1), 2)
    t.equal(await all.client.remote(all.address, '/nothing')(), undefined)
    t.equal(await all.client.remote(all.address, '/null')(), null)
  },
)

t.test('arguments arrive as they were given; what is left out at the end is not given', async (t) => {
  await using all = await stack()
  all.server.rpc('/args', (...args: unknown[]) => args)
  const args = all.client.remote<(...args: unknown[]) => unknown[]>(all.address, '/args')
  t.same(await args(), [])
  t.same(await args(1, 'a', { b: [null] }), [1, 'a', { b: [null] }])
  t.same(await args(1, undefined, undefined), [1])
  t.same(await args(null), [null])
  await t.rejects(
    args(undefined, 1),
    { code: 'invalid_argument', reason: 'bad_payload', executed: 'no' },
    'json cannot tell undefined from null',
  )
  await t.rejects(
    args(() => 1),
    { code: 'invalid_argument', reason: 'bad_payload', executed: 'no' },
  )
})

t.test('FP-01 while one handler waits, others are served', async (t) => {
  await using all = await stack()
  const gate = deferred()
  all.server.rpc('/wait', async (local: string) => {
    await gate.promise
    return local
  })
  all.server.rpc('/open', () => gate.resolve())
  const waiting = [1, 2, 3].map((n) =>
    all.client.remote<(l: string) => string>(all.address, '/wait')(`local ${n}`),
  )
  await all.client.remote(all.address, '/open')()
  t.same(await Promise.all(waiting), ['local 1', 'local 2', 'local 3'])
})

t.test('AM-10 TH-01 a handle is a description: making one does no I/O', async (t) => {
  const dialer = watched(tcp())
  const client = createClient({ transports: [dialer], codecs: [json()] })
  const remote = client.remote<(n: number) => string>('tcp://127.0.0.1:1', '/a')
  remote.with({ timeoutMs: 1 }).with({ headers: { x: 'y' } })
  client.handler('tcp://127.0.0.1:1')
  await new Promise((resolve) => setTimeout(resolve, 20))
  t.equal(dialer.dialled.length, 0)
  t.equal(process.getActiveResourcesInfo().includes('TCPSocketWrap'), false)
  await client.close()
})

t.test('misuse is a TypeError at once', async (t) => {
  const client = createClient({ transports: [tcp()], codecs: [json()] })
  t.throws(() => client.remote('memory://x', '/a'), {
    name: 'TypeError',
    message: /No transport takes memory/,
  })
  t.throws(() => client.remote('nonsense', '/a'), TypeError)
  for (const name of ['a', '', 'demo.Clock/now'])
    t.throws(() => client.remote('tcp://127.0.0.1:1', name), TypeError, JSON.stringify(name))
  await t.rejects(client.remote('tcp://127.0.0.1:1', '/a').with({ timeoutMs: -1 })(), TypeError)
  await t.rejects(client.remote('tcp://127.0.0.1:1', '/a').with({ timeoutMs: Number.NaN })(), TypeError)
  t.throws(() => client.remote([], '/a'), { name: 'TypeError', message: /at least one/ })
  // What comes from a configuration, or from code without types.
  const wrong = (value: unknown): never => value as never
  for (const to of [undefined, null, 57_000, {}])
    t.throws(
      () => client.remote(wrong(to), '/a'),
      { name: 'TypeError', message: /An address, a list/ },
      String(to),
    )
  const a = client.remote('tcp://127.0.0.1:1', '/a')
  await t.rejects(a.with({ timeoutMs: wrong('5') })(), { name: 'TypeError', message: /timeoutMs/ })
  await t.rejects(a.with({ headers: { user: wrong(5) } })(), {
    name: 'TypeError',
    message: /The header user/,
  })
  const { sum } = client.stub(
    service('demo.Sums', { sum: clientStream<number, number>() }),
    'tcp://127.0.0.1:1',
  )
  for (const items of [undefined, 5, {}])
    await t.rejects(sum(wrong(items)), { name: 'TypeError', message: /async iterable/ }, String(items))
  t.throws(() => createClient({ transports: [tcp()], codecs: [] }), TypeError)
  await client.close()
  t.throws(() => client.remote('tcp://127.0.0.1:2', '/a'), {
    name: 'TypeError',
    message: 'The client is closed',
  })
})

t.test('an address of a known scheme that is none fails its calls, and stays so', async (t) => {
  await using client = createClient({ transports: [tcp()], codecs: [json()], reconnect: true })
  await t.rejects(client.remote('tcp://nonsense', '/a')(), {
    code: 'invalid_argument',
    executed: 'no',
    retryable: false,
  })
})

t.test('AM-06 AM-09 one connection per address, shared by everything that is called there', async (t) => {
  const transport = memory()
  const sharing = watched(transport)
  await using all = await stack({ transport, client: { transports: [sharing] } })
  await all.server.listen('memory://other')
  all.server.rpc('/a', () => 'a')
  all.server.rpc('/b', () => 'b')
  const calls = ['/a', '/b', '/a', '/b'].map((method) => all.client.remote(all.address, method)())
  t.same(await Promise.all(calls), ['a', 'b', 'a', 'b'])
  t.equal(sharing.dialled.length, 1)
  t.equal(await all.client.remote('memory://other', '/a')(), 'a')
  t.equal(sharing.dialled.length, 2)
})

t.test('AM-11 an earlier outcome never influences a later call', async (t) => {
  await using all = await stack()
  let broken = true
  all.server.rpc('/flaky', () => {
    if (broken) throw new Error('broken')
    return 'fine'
  })
  const flaky = all.client.remote(all.address, '/flaky')
  await t.rejects(flaky(), { message: 'broken' })
  broken = false
  t.equal(await flaky(), 'fine')
  for (const connection of all.server.connections) await connection.close()
  t.equal(await flaky(), 'fine')
})

t.test('AM-12 enabled tells whether host and method are there, now, without running anything', async (t) => {
  const transport = tcp()
  const all = await stack({ transport, address: 'tcp://127.0.0.1:0' })
  let runs = 0
  const registration = all.server.rpc('/a', () => ++runs)
  const a = all.client.remote(all.address, '/a')
  t.equal(await a.enabled(), true)
  registration.remove()
  t.equal(await a.enabled(), false)
  all.server.rpc('/a', () => ++runs)
  t.equal(await a.enabled(), true)
  await all.server.close()
  t.equal(await a.enabled(), false, 'nobody is there')
  t.equal(runs, 0)
  await t.rejects(
    a.with({ signal: AbortSignal.abort() }).enabled(),
    { code: 'cancelled' },
    'not answered is no answer',
  )
  await all.client.close()
  t.equal(await a.enabled(), false)
})

t.test('headers arrive, and bad ones are refused before anything is sent', async (t) => {
  const { currentCall } = await import('@hawser/context')
  await using all = await stack()
  let runs = 0
  all.server.rpc('/headers', () => {
    runs++
    return Object.fromEntries(currentCall()!.headers)
  })
  const headers = all.client.remote<() => Record<string, string>>(all.address, '/headers')
  t.same(await headers.with({ headers: { 'x-a': 'ä', b: '' } })(), { 'x-a': 'ä', b: '' })
  t.same(await headers.with({ headers: new Map([['k', 'v']]) })(), { k: 'v' })
  runs = 0
  await refusesBadHeaders(t, headers)
  t.equal(runs, 0)
})

t.test('the client of a server that is gone says so, and calls again when there is another', async (t) => {
  const transport = memory()
  const first = await stack({ transport })
  first.server.rpc('/who', () => 'first')
  const who = first.client.remote(first.address, '/who')
  t.equal(await who(), 'first')
  await first.server.close()
  await t.rejects(who(), { code: 'unavailable', reason: 'unreachable', executed: 'no' })
  await using second = await stack({ transport })
  second.server.rpc('/who', () => 'second')
  t.equal(await who(), 'second')
  await first.client.close()
  await until(() => second.server.connections.length === 0)
  await t.rejects(who(), { code: 'unavailable', reason: 'closed', executed: 'no', retryable: false })
})
