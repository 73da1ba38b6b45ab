import { harness } from '@hawser/compliance/harness'
import t from 'tap'
import { scene, until } from './support/scene.js'

harness(t)

const skip = process.platform === 'win32' ? 'there are no signals' : false

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

t.test('F24 a connection on its way to a child that dies goes to the next', { skip }, async (t) => {
  await using it = await scene({ model: 'prefork-async', workers: 1 })
  const pid = it.running.children[0]!.pid!
  process.kill(pid, 'SIGSTOP')
  const answer = it.client().where()
  await until(() => it.running.children[0]?.connections === 1)
  process.kill(pid, 'SIGKILL')
  t.not((await answer).pid, pid)
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
