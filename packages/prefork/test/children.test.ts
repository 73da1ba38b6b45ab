import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { harness } from '@hawser/compliance/harness'
import { serve } from '@hawser/prefork'
import t from 'tap'
import { childrenOf, lives, scene, until } from './support/scene.js'

harness(t)

const skip = process.platform === 'linux' ? false : 'processes and descriptors are counted in /proc'

const descriptors = () => readdirSync('/proc/self/fd').length

t.test(
  'PM-11 PM-12 a process per connection leaves neither children nor descriptors',
  { skip },
  async (t) => {
    const before = childrenOf(process.pid).length
    await using it = await scene({ model: 'process-per-connection', workers: 3 })
    await it.client().where()
    const open = descriptors()
    for (let round = 0; round < 2; round++) {
      const callers = [it.client(), it.client()]
      await Promise.all(callers.map((caller) => caller.where()))
      await Promise.all(callers.map((caller) => caller.close()))
    }
    await until(() => it.running.size === 1)
    t.equal(childrenOf(process.pid).length, before + 1, 'none is left that nobody asked how it ended')
    await until(() => descriptors() <= open)
    t.equal(descriptors(), open)
  },
)

t.test('PM-12 each side closes the copy of a socket that it does not need', { skip }, async (t) => {
  await using it = await scene({ model: 'prefork-async', workers: 1 })
  const first = it.client()
  const inChild = await first.call<number>('/descriptors')
  const open = descriptors()
  const callers = Array.from({ length: 20 }, () => it.client())
  await Promise.all(callers.map((caller) => caller.where()))
  // In this process each has the client's socket, and none the server's.
  await until(() => descriptors() === open + 20)
  t.equal(await first.call('/descriptors'), inChild + 20)
  await Promise.all(callers.map((caller) => caller.close()))
  await until(async () => (await first.call<number>('/descriptors')) === inChild)
  t.equal(descriptors(), open)
  t.equal(it.running.children[0]?.connections, 1)

  // If a copy were left here, the other side would never see the end.
  const socket = connect(Number(new URL(it.running.address).port), '127.0.0.1').resume()
  socket.on('error', () => {})
  await until(() => it.running.children[0]?.connections === 2)
  await Promise.all([once(socket, 'close'), first.call('/exit', 3).catch(() => {})])
})

t.test('F24 a child that ends is replaced within a second, and its siblings serve on', async (t) => {
  await using it = await scene({ model: 'prefork-async' })
  const [one, other] = [it.client(), it.client()]
  const [dies, stays] = await Promise.all([one.where(), other.where()])
  const begun = performance.now()
  const failed = one.call('/slow', 10_000)
  await one.call('/throw').catch(() => {})
  await t.rejects(failed, { code: 'unavailable', reason: 'connection_lost', executed: 'maybe' })
  t.equal((await other.where()).pid, stays.pid)
  const replacement = () =>
    it.running.children.find(({ worker, generation }) => worker === dies.worker && generation > 2)
  await until(() => replacement() !== undefined)
  const waited = performance.now() - begun
  t.ok(waited < 1_000, `begun after ${waited.toFixed(0)} ms`)
  await until(() => replacement()?.state === 'ready')
  t.comment(`ready after ${(performance.now() - begun).toFixed(0)} ms`)
  t.not((await one.where()).pid, dies.pid)
})

t.test('F24 more exits than five in a minute end it, with a report', async (t) => {
  await using it = await scene({ model: 'prefork-async', workers: 1, maxExits: 1 })
  const caller = it.client()
  await caller.call('/exit', 3).catch(() => {})
  await until(async () => (await caller.where().catch(() => undefined)) !== undefined)
  await caller.call('/exit', 3).catch(() => {})
  t.match(await it.running.closed, { code: 'unavailable', message: /More than 1 exits within 60000 ms/ })
  t.equal(it.running.size, 0)
  t.ok(it.events().includes('crash_loop'))
})

t.test('F24 with siblings left they serve on when the limit is passed', async (t) => {
  await using it = await scene({ model: 'prefork-async', workers: 2, maxExits: 0 })
  const [one, other] = [it.client(), it.client()]
  const [, stays] = await Promise.all([one.where(), other.where()])
  await one.call('/exit', 3).catch(() => {})
  await until(() => it.events().includes('crash_loop'))
  t.equal((await other.where()).pid, stays.pid)
  t.equal((await one.where()).pid, stays.pid)
})

t.test('F23 a child whose loop hangs is killed and replaced', async (t) => {
  await using it = await scene({ model: 'prefork-async', workers: 2, hangMs: 500 })
  const [one, other] = [it.client(), it.client()]
  const [hangs] = await Promise.all([one.where(), other.where()])
  const hung = one.call('/spin', 60_000)
  await t.rejects(hung, { code: 'unavailable', executed: 'maybe' })
  await other.where()
  t.ok(it.events().includes('child_hung'))
  await until(() => it.running.children.every(({ pid, state }) => pid !== hangs.pid && state === 'ready'))
})

t.test('F24 children leave when their parent is killed', { skip }, async (t) => {
  for (const [model, accept] of [
    ['prefork-async', 'handed'],
    ['prefork-async', 'cluster'],
    ['process-per-connection', 'handed'],
  ] as const) {
    const main = fork(fileURLToPath(new URL('./support/main.mjs', import.meta.url)), [model, accept], {
      execArgv: [],
    })
    const [{ address }] = await once(main, 'message')
    const socket = connect(Number(new URL(address).port), '127.0.0.1').resume()
    socket.on('error', () => {})
    await until(() => childrenOf(main.pid!).length > 0)
    const pids = childrenOf(main.pid!).map(({ pid }) => pid)
    main.kill('SIGKILL')
    await once(main, 'exit')
    await until(() => !pids.some(lives))
    t.pass(`${model}, ${accept}: ${pids.length} children left`)
    socket.destroy()
  }
})

t.test('a child gets the environment it is given, and no arguments', async (t) => {
  await using it = await scene({ model: 'prefork', workers: 1, env: { ONLY: 'this' } })
  const caller = it.client()
  const names = await caller.call<string[]>('/env')
  t.same(names.filter((name) => !/^(NODE_|_TAPJS_)/.test(name)).sort(), ['ONLY'])
  t.same(await caller.call('/argv'), [])
})

t.test('what a child sends that is no message of ours changes nothing', async (t) => {
  await using it = await scene({ model: 'prefork-async', workers: 1 })
  const caller = it.client()
  const { pid } = await caller.where()
  await caller.call('/forge')
  await until(() => it.events().filter((event) => event === 'child_bad_message').length === 2)
  t.match(it.running.children, [{ pid, state: 'ready', connections: 1 }])
})

t.test('a server that does not start is an error that says why', async (t) => {
  const missing = new URL('./support/missing.mjs', import.meta.url)
  const common = { listen: 'tcp://127.0.0.1:0', workers: 1, execArgv: [], log: () => {} }
  for (const model of ['async', 'prefork-async', 'process-per-connection', 'thread-per-connection'] as const)
    await t.rejects(serve(missing, { ...common, model }), { message: /missing\.mjs/ })
})
