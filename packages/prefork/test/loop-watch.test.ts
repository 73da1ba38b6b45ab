import { execFileSync } from 'node:child_process'
import { Session } from 'node:inspector'
import { setTimeout as sleep } from 'node:timers/promises'
import { harness } from '@hawser/compliance/harness'
import type { LogEntry } from '@hawser/contract'
import t from 'tap'
import { watchLoop } from '../src/index.js'
import { scene } from './support/scene.js'

harness(t)

function block(milliseconds: number): void {
  const until = performance.now() + milliseconds
  while (performance.now() < until);
}

t.test(
  'AM-58 a loop that is busy all the time is told, once, and so is that it is not any more',
  async (t) => {
    const log: LogEntry[] = []
    using watch = watchLoop({
      name: 'business',
      everyMs: 50,
      warnAt: 0.7,
      log: (entry) => void log.push(entry),
    })
    const until = performance.now() + 400
    while (performance.now() < until) {
      block(60)
      await sleep(0)
    }
    t.ok(watch.use.busy > 0.7, `${watch.use.busy}`)
    t.match(log, [{ level: 'warn', event: 'loop_busy', message: /business is busy for \d+ %/ }])
    while (log.length < 2) await sleep(50)
    t.match(log[1], { level: 'info', event: 'loop_free' })
    t.ok(watch.use.busy < 0.7)
    t.match(watch.use, { name: 'business', pid: process.pid, thread: 0 })
  },
)

t.test('an interval or a share that is none is refused', async (t) => {
  for (const options of [{ everyMs: 0 }, { everyMs: Number.NaN }, { warnAt: 0 }])
    t.throws(() => watchLoop(options), TypeError, JSON.stringify(options))
})

t.test(
  'AM-57 processes have names in the list of processes',
  { skip: process.platform === 'win32' },
  async (t) => {
    await using all = await scene({ model: 'prefork-async', workers: 2 })
    const names = all.running.children.map(({ pid }) =>
      execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).trim(),
    )
    t.same(names.toSorted(), ['hawser server 0', 'hawser server 1'])
  },
)

t.test('AM-57 threads have names in the inspector', async (t) => {
  const session = new Session()
  session.connect()
  t.teardown(() => session.disconnect())
  const titles: string[] = []
  session.on('NodeWorker.attachedToWorker', ({ params }) => void titles.push(params.workerInfo.title))
  session.post('NodeWorker.enable', { waitForDebuggerOnStart: false })
  await using all = await scene({ model: 'thread-per-connection', workers: 1 })
  const client = all.client()
  await client.where()
  t.ok(
    titles.some((title) => title.endsWith('hawser server 0')),
    titles.join(),
  )
  await client.close()
})

t.test('AM-59 more servers in a process share its loop; more processes do not', async (t) => {
  const spin = async (model: 'async' | 'prefork-async') => {
    await using all = await scene({ model, workers: 2 })
    const clients = [all.client(), all.client()]
    const places = await Promise.all(clients.map((client) => client.where()))
    using watch = watchLoop({ everyMs: 50, warnAt: 2, log: () => {} })
    const spinning = Promise.all(clients.map((client) => client.call('/spin', 400)))
    let busiest = 0
    for (let look = 0; look < 16; look++) {
      await sleep(50)
      busiest = Math.max(busiest, watch.use.busy)
    }
    await spinning
    await Promise.all(clients.map((client) => client.close()))
    return { busiest, processes: new Set(places.map(({ pid }) => pid)).size }
  }
  const one = await spin('async')
  t.equal(one.processes, 1)
  t.ok(one.busiest > 0.9, `the one loop is full: ${one.busiest}`)
  const two = await spin('prefork-async')
  t.equal(two.processes, 2)
  t.ok(two.busiest < 0.9, `the main program has none of it: ${two.busiest}`)
})
