import { once } from 'node:events'
import { connect } from 'node:net'
import { harness } from '@hawser/compliance/harness'
import { serve } from '@hawser/prefork'
import { tcp } from '@hawser/transport-tcp'
import t from 'tap'
import { type Caller, module, scene, until } from './support/scene.js'

harness(t)

/** Has a promise come to anything by the time others have called a few times? */
async function isPending(promise: Promise<unknown>, other: Caller): Promise<boolean> {
  let pending = true
  promise.then(
    () => (pending = false),
    () => (pending = false),
  )
  for (let calls = 0; calls < 20; calls++) await other.where()
  return pending
}

t.test('PM-08 TH-28 serial: one client at a time, the others wait in order', async (t) => {
  await using it = await scene({ model: 'serial' })
  const [first, second, third] = [it.client(), it.client(), it.client()]
  await first.where()
  const answers: string[] = []
  const answer2 = second.call('/echo', 'second').then((text) => answers.push(String(text)))
  await until(() => it.running.waiting === 1)
  const answer3 = third.call('/echo', 'third').then((text) => answers.push(String(text)))
  await until(() => it.running.waiting === 2)
  t.ok(await isPending(answer2, first))
  await first.close()
  await answer2
  t.ok(await isPending(answer3, second))
  await second.close()
  await answer3
  t.same(answers, ['second', 'third'])
  t.equal(it.running.waiting, 0)
})

for (const [model, ids] of [
  ['thread-per-connection', 'PM-09 TH-28'],
  ['process-per-connection', 'PM-10'],
] as const)
  t.test(`${ids} ${model}: clients in parallel, on their own, up to a cap`, async (t) => {
    await using it = await scene({ model })
    const [first, second, third] = [it.client(), it.client(), it.client()]
    const places = await Promise.all([first.where(), second.where()])
    const [one, other] = places.map(({ pid, threadId }) => `${pid}/${threadId}`)
    t.not(one, other)
    t.same(places.map(({ worker }) => worker).sort(), [0, 1])
    t.equal(it.running.size, 2)
    let spinning = true
    const spun = first.call('/spin', 400).then(() => (spinning = false))
    await second.where()
    t.ok(spinning, 'one is answered while the other computes')
    const answer = third.where()
    await until(() => it.running.waiting === 1)
    t.ok(await isPending(answer, second))
    await spun
    await second.close()
    const { worker, generation } = await answer
    t.equal(worker, 1)
    t.ok(generation > 2)
  })

t.test('PM-13 TH-28 prefork: a fixed pool, a connection each, the others wait', async (t) => {
  await using it = await scene({ model: 'prefork' })
  const pids = it.running.children.map(({ pid }) => pid)
  const [first, second, third] = [it.client(), it.client(), it.client()]
  const places = await Promise.all([first.where(), second.where()])
  t.same(places.map(({ pid }) => pid).sort(), pids.sort())
  const answer = third.where()
  await until(() => it.running.waiting === 1)
  t.ok(await isPending(answer, first))
  await first.close()
  t.equal((await answer).pid, places[0]?.pid, 'by the process that is free, and no other')
  t.equal(it.running.size, 2)
})

t.test('PM-14 TH-29 FR-13 async: the default, many clients in one process at once', async (t) => {
  await using running = await serve(module, { listen: 'tcp://127.0.0.1:0' })
  t.equal(running.model, 'async')
  await using it = await scene({})
  const callers = Array.from({ length: 50 }, () => it.client())
  const begun = performance.now()
  await Promise.all(callers.map((caller) => caller.call('/slow', 200)))
  t.ok(performance.now() - begun < 50 * 200)
  t.equal(it.running.size, 1)
  t.match(it.running.children, [{ pid: undefined, connections: 50 }])
})

t.test('PM-15 prefork-async: processes with many clients each, spread evenly', async (t) => {
  await using it = await scene({ model: 'prefork-async' })
  const callers = Array.from({ length: 8 }, () => it.client())
  const pids = await Promise.all(callers.map(async (caller) => (await caller.where()).pid))
  t.same(
    it.running.children.map(({ pid, connections }) => [
      connections,
      pids.filter((each) => each === pid).length,
    ]),
    [
      [4, 4],
      [4, 4],
    ],
  )
  const connections = await Promise.all(callers.map((caller) => caller.call('/connections')))
  t.same(connections, Array(8).fill(4), 'each knows its own connections')
})

t.test('PM-15 prefork-async through node:cluster: children listen for themselves', async (t) => {
  await using it = await scene({ model: 'prefork-async', accept: 'cluster' })
  t.match(it.running.address, /^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/)
  const callers = Array.from({ length: 4 }, () => it.client())
  const pids = await Promise.all(callers.map(async (caller) => (await caller.where()).pid))
  t.equal(new Set(pids).size, 2)
  await it.running.restart()
  t.ok((await it.client().where()).generation > 2)
})

t.test('PM-06 the port is free again at once, and the backlog can be chosen', async (t) => {
  const transports = [tcp({ backlog: 1 })]
  const first = await scene({ transports })
  const { address } = first.running
  await first.client().where()
  // Whoever closes first keeps the port waiting, which must not keep the next from listening there.
  await first.running.close()
  await using second = await scene({ transports, listen: address })
  t.equal(second.running.address, address)
  await second.client().where()
  await first[Symbol.asyncDispose]()
})

t.test('a connection that waits is not read, and is turned away when all is closed', async (t) => {
  const it = await scene({ model: 'serial' })
  const { port } = new URL(it.running.address)
  await it.client().where()
  const waiting = connect(Number(port), '127.0.0.1')
    .on('error', () => {})
    .resume()
  await until(() => it.running.waiting === 1)
  await Promise.all([once(waiting, 'close'), it[Symbol.asyncDispose]()])
  t.equal(it.running.waiting, 0)
})

t.test('options that make no sense are refused', async (t) => {
  const listen = 'tcp://127.0.0.1:0'
  const wrong: [object, RegExp][] = [
    [{ listen, model: 'threads' }, /no model "threads"/],
    [{}, /needs an address/],
    [{ listen: [] }, /address/],
    [{ listen, workers: 0 }, /workers/],
    [{ listen, drainMs: Infinity }, /drainMs/],
    [{ listen, accept: 'cluster' }, /cluster/],
    [{ listen: 'ipc:///tmp/x', model: 'prefork-async', accept: 'cluster' }, /cluster/],
    [{ listen: 'udp://127.0.0.1:0' }, /udp/],
  ]
  for (const [options, message] of wrong)
    await t.rejects(serve(module, options as Parameters<typeof serve>[1]), { name: 'TypeError', message })
  const none = new URL('./support/scene.ts', import.meta.url)
  await t.rejects(serve('./server.js', { listen }), {
    name: 'TypeError',
    message: /new URL\(.*import\.meta\.url\)/,
  })
  await t.rejects(serve(none, { listen }), { message: /default export/ })
  const wrongServer = new URL('data:text/javascript,export default () => 5')
  await t.rejects(serve(wrongServer, { listen }), { message: /makes no server, but number/ })
})
