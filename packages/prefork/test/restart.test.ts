import { connect } from 'node:net'
import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { Load } from './support/ledger.js'
import { scene, until } from './support/scene.js'

harness(t)

// More for a long run.
const seconds = Number(process.env.RESTART_SECONDS ?? 2)

/** Connects a thousand times a second, as far as it gets. */
function prober(port: number): { stop(): Promise<{ connects: number; refused: string[] }> } {
  let connects = 0
  let under = 0
  const refused: string[] = []
  const timer = setInterval(() => {
    under++
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => {
      connects++
      socket.destroy()
    })
    socket.on('error', (error) => refused.push(error.message))
    socket.on('close', () => under--)
  }, 1)
  return {
    async stop() {
      clearInterval(timer)
      await until(() => under === 0)
      return { connects, refused }
    },
  }
}

t.test(
  'F8 F25 prefork-async: restarts under load, no connect refused, no call failed',
  { timeout: 30_000 + 2_000 * seconds },
  async (t) => {
    await using it = await scene({ model: 'prefork-async' })
    const probe = prober(Number(new URL(it.running.address).port))
    const load = new Load(it, 4, 4)
    const end = performance.now() + 1_000 * seconds
    let restarts = 0
    while (performance.now() < end) {
      await it.running.restart()
      restarts++
    }
    const { connects, refused } = await probe.stop()
    const { calls, failures, wrong } = await load.stop()
    t.comment(`${restarts} restarts of 2 processes, ${connects} connects, ${calls} calls`)
    t.ok(restarts > 0 && connects > 100 && calls > 100)
    t.same(refused, [])
    t.same([...failures], [])
    t.same(wrong, [])
  },
)

t.test('a new server that does not start leaves the old ones where they are', async (t) => {
  const env = { ...process.env }
  await using it = await scene({ model: 'prefork-async', env })
  const pids = it.running.children.map(({ pid }) => pid)
  env.NODE_OPTIONS = '--no-such-option'
  await t.rejects(it.running.restart(), { message: /did not start/ })
  t.same(
    it.running.children.map(({ pid }) => pid),
    pids,
  )
  await it.client().where()
})

t.test('F8 a child that is asked to leave is replaced before it does', async (t) => {
  await using it = await scene({ model: 'prefork-async', workers: 1 })
  const caller = it.client()
  const { pid } = await caller.where()
  const under = caller.call('/slow', 300)
  await caller.where()
  process.kill(pid, 'SIGTERM')
  t.equal(await under, 1)
  await until(() => it.running.size === 1 && it.running.children[0]?.pid !== pid)
  t.not((await caller.where()).pid, pid)
})

t.test('restarts in one process follow each other, and leave nothing behind when it closes', async (t) => {
  const it = await scene({ model: 'async' })
  await Promise.all([it.running.restart(), it.running.restart()])
  t.equal(it.running.size, 1)
  const restarted = it.running.restart()
  const closed = it.running.close()
  await t.rejects(restarted, TypeError)
  await closed
  t.equal(it.running.size, 0)
  await it[Symbol.asyncDispose]()
})
