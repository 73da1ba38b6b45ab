import { setTimeout as sleep } from 'node:timers/promises'
import { harness } from '@hawser/compliance/harness'
import type { LogEntry } from '@hawser/contract'
import t from 'tap'
import { watchLoop } from '../src/index.js'

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
