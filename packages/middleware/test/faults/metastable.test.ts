import { harness } from '@hawser/compliance/harness'
import { type Clock, type Middleware, systemClock, virtualClock } from '@hawser/contract'
import { memory } from '@hawser/transport-memory'
import { tcp } from '@hawser/transport-tcp'
import t from 'tap'
import { concurrencyLimit, gradientLimit } from '../../src/concurrency-limit/index.js'
import { retry } from '../../src/retry/index.js'
import { type Load, load, type Tally, tally } from '../support/load.js'
import { bytes } from '../support/mock-pair.js'

harness(t)

const workers = 4

/** A place of work with so many workers: who comes while all are busy stands in line, however long, and is worked on all the same. */
function workplace(clock: Clock, workMs: number): () => Promise<Uint8Array> {
  const line: (() => void)[] = []
  let busy = 0
  const work = () => {
    while (busy < workers && line.length > 0) {
      const done = line.shift()!
      busy++
      clock.timer(workMs, () => {
        busy--
        done()
        work()
      })
    }
  }
  return () =>
    new Promise((resolve) => {
      line.push(() => resolve(bytes('done')))
      work()
    })
}

/** Makes calls in even steps, and gives what became of those of each second. */
async function offered(
  all: Load,
  perSecond: number,
  seconds: number,
  pass: (ms: number) => Promise<void>,
): Promise<Tally[]> {
  const stepMs = 20
  const tallies: Tally[] = []
  let owed = 0
  for (let second = 0; second < seconds; second++) {
    const seen = tally()
    tallies.push(seen)
    for (let step = 0; step < 1_000 / stepMs; step++) {
      for (owed += (perSecond * stepMs) / 1_000; owed >= 1; owed--) all.call(seen)
      await pass(stepMs)
    }
  }
  return tallies
}

const share = ({ good, made }: Tally) => good / made

const guards: Record<string, readonly [guard: (clock: Clock) => Middleware[], recovers: boolean]> = {
  'no limit': [() => [], false],
  'a fixed limit': [(clock) => [concurrencyLimit({ clock, limit: workers })], true],
  'a limit that finds itself': [(clock) => [gradientLimit({ clock })], true],
}
for (const [name, [guard, recovers]] of Object.entries(guards))
  t.test(
    `F34 with ${name}, five times too much work for half a minute ${recovers ? 'is over when it is over' : 'lingers'}`,
    async (t) => {
      const clock = virtualClock()
      const workMs = 100
      const capacity = (workers * 1_000) / workMs
      const all = await load({
        transport: memory({ clock }),
        address: 'memory://metastable',
        clock,
        server: guard(clock),
        client: { middleware: [retry({ clock })], limits: { attempts: 1 } },
        timeoutMs: 1_000,
        idempotent: true,
        work: workplace(clock, workMs),
      })
      const pass = (ms: number) => clock.advance(ms)
      const over = await offered(all, 5 * capacity, 30, pass)
      if (recovers) {
        const good = over.slice(5).reduce((sum, { good }) => sum + good, 0)
        t.ok(
          good >= 0.8 * capacity * 25,
          `${good} of ${capacity * 25} that could be done under overload were`,
        )
      }
      const after = await offered(all, 0.8 * capacity, 5, pass)
      await clock.advance(1_500)
      const shares = after.map(share)
      for (const second of [2, 3, 4])
        if (recovers) t.ok(shares[second]! >= 0.95, `second ${second + 1}: ${shares[second]}`)
        else t.ok(shares[second]! < 0.5, `second ${second + 1}: ${shares[second]}`)
      const closing = all.close()
      await clock.advance(60_000)
      await closing
    },
  )

t.test('F34 over tcp: overload is over when it is over', async (t) => {
  const clock = systemClock()
  const workMs = 20
  const capacity = (workers * 1_000) / workMs
  const all = await load({
    transport: tcp(),
    address: 'tcp://127.0.0.1:0',
    server: [concurrencyLimit({ limit: workers })],
    client: { middleware: [retry()], limits: { attempts: 1 } },
    timeoutMs: 500,
    idempotent: true,
    work: workplace(clock, workMs),
  })
  let at = clock.now()
  const pass = async (ms: number) => {
    at += ms
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, at - clock.now())))
  }
  await offered(all, 5 * capacity, 1, pass)
  // A machine that does other work besides has less to give.
  const after = await offered(all, 0.5 * capacity, 3, pass)
  await pass(600)
  t.ok(share(after[2]!) >= 0.95, `${share(after[2]!)} in the third second`)
  await all.close()
})
