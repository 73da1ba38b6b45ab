import { harness } from '@hawser/compliance/harness'
import { type Middleware, RpcError, type VirtualClock, virtualClock } from '@hawser/contract'
import { memory } from '@hawser/transport-memory'
import { tcp } from '@hawser/transport-tcp'
import t from 'tap'
import { retry } from '../../src/retry/index.js'
import { type Load, load, tally } from '../support/load.js'

harness(t)

/** A server that can be broken: it refuses everything, and says that it may be tried again. */
function breakable(): { broken: boolean; middleware: Middleware } {
  const server = {
    broken: false,
    middleware: ((next) => (call) => {
      if (server.broken) throw new RpcError('unavailable', 'broken', { executed: 'no' })
      return next(call)
    }) as Middleware,
  }
  return server
}

const clients = {
  'the middleware’s retries': (clock?: VirtualClock) => ({
    middleware: [retry(clock ? { clock } : {})],
    limits: { attempts: 1 },
  }),
  'the client’s own retries': () => ({}),
}

for (const [whose, client] of Object.entries(clients))
  t.test(
    `F33 ${whose}: a server that fails every call is called a fifth more, and 10 a second`,
    async (t) => {
      const clock = virtualClock()
      const server = breakable()
      const all: Load = await load({
        transport: memory({ clock }),
        address: 'memory://storm',
        clock,
        server: [server.middleware],
        client: client(clock),
        timeoutMs: 1_000,
        work: () => 'done',
      })
      const perSecond = 20
      const offer = async (seconds: number) => {
        const seen = tally()
        const before = all.arrived()
        for (let n = 0; n < seconds * perSecond; n++) {
          all.call(seen)
          await clock.advance(1_000 / perSecond)
        }
        return { ...seen, arrived: all.arrived() - before }
      }
      const healthy = await offer(5)
      t.equal(healthy.good, healthy.made)
      t.equal(healthy.arrived, healthy.made, 'nothing is sent twice without need')

      server.broken = true
      const seconds = 30
      const broken = await offer(seconds)
      t.equal(broken.good, 0)
      // What a window allows at once, and what comes with each second.
      const most = 1.2 * broken.made + 10 * seconds + 10 * 10
      t.ok(broken.arrived <= most, `${broken.arrived} of ${broken.made} arrived, at most ${most}`)
      t.ok(broken.arrived > broken.made, 'retries are made')
      const steady = await offer(10)
      t.ok(
        steady.arrived <= 1.2 * steady.made + 10 * 10 + 1,
        `${steady.arrived} of ${steady.made} in ten seconds`,
      )

      server.broken = false
      const first = await offer(1)
      t.equal(first.good, first.made, 'a second after it is well again, so are its callers')
      const after = await offer(3)
      t.equal(after.good, after.made)
      t.equal(after.arrived, after.made)
      const closing = all.close()
      await clock.advance(30_000)
      await closing
    },
  )

t.test('F33 a single call stops at its attempts, however much budget there is', async (t) => {
  const clock = virtualClock()
  const server = breakable()
  server.broken = true
  const all = await load({
    transport: memory({ clock }),
    address: 'memory://storm',
    clock,
    server: [server.middleware],
    client: { middleware: [retry({ clock, attempts: 5 })], limits: { attempts: 1 } },
    timeoutMs: 60_000,
    work: () => 'done',
  })
  const seen = tally()
  all.call(seen)
  await clock.advance(10_000)
  t.equal(all.arrived(), 5)
  t.equal(seen.bad.get('unavailable'), 1)
  const closing = all.close()
  await clock.advance(30_000)
  await closing
})

t.test('F33 over tcp: a storm is kept small, and over at once', async (t) => {
  const server = breakable()
  const all = await load({
    transport: tcp(),
    address: 'tcp://127.0.0.1:0',
    server: [server.middleware],
    client: { middleware: [retry()], limits: { attempts: 1 } },
    timeoutMs: 500,
    work: () => 'done',
  })
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
  const offer = async (calls: number) => {
    const seen = tally()
    for (let n = 0; n < calls; n++) {
      all.call(seen)
      if (n % 10 === 9) await pause(10)
    }
    await pause(400)
    return seen
  }
  t.equal((await offer(100)).good, 100)
  server.broken = true
  const before = all.arrived()
  const broken = await offer(1_000)
  t.equal(broken.good, 0)
  const arrived = all.arrived() - before
  t.ok(arrived <= 1.2 * 1_100 + 100, `${arrived} of 1000 arrived`)
  server.broken = false
  t.equal((await offer(100)).good, 100)
  await all.close()
})
