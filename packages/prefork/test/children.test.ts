import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { harness } from '@hawser/compliance/harness'
import { serve } from '@hawser/prefork'
import t from 'tap'
import { childrenOf, scene, until } from './support/scene.js'

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

t.test('a client that goes while its server is made costs nothing but that', async (t) => {
  await using it = await scene({ model: 'process-per-connection', workers: 1 })
  const socket = connect(Number(new URL(it.running.address).port), '127.0.0.1')
  await until(() => it.running.size === 1)
  socket.resetAndDestroy()
  await until(() => it.running.size === 0)
  await it.client().where()
  t.notOk(it.events().includes('crash_loop'))
})

t.test('a child has the environment it is given, no arguments, and nothing to forge with', async (t) => {
  await using it = await scene({ model: 'prefork-async', workers: 1, env: { ONLY: 'this' } })
  const caller = it.client()
  const names = await caller.call<string[]>('/env')
  t.same(names.filter((name) => !/^(NODE_|_TAPJS_)/.test(name)).sort(), ['ONLY'])
  t.same(await caller.call('/argv'), [])
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
