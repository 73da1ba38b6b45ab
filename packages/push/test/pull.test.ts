import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { type Connection, type LogEntry, RpcError, type Transport, virtualClock } from '@hawser/contract'
import { field, i32, string, struct } from '@hawser/schema'
import { memory } from '@hawser/transport-memory'
import t from 'tap'
import { type PullResult, pull, topic } from '../src/index.js'
import { range, stack, take, until } from './support/stack.js'

harness(t)

t.test('AM-22 values of a type are read as its values', async (t) => {
  const Point = struct('test.Point', { x: field(1, i32), name: field(2, string) })
  await using all = await stack()
  const points = topic(all.server, '/points', { type: Point })
  const pulling = pull(all.client, all.address, '/points', { type: Point })
  const next = pulling.next()
  await until(() => points.size === 1)
  points.publish({ x: 1, name: 'here' })
  const { value } = await next
  const x: number | undefined = value?.x
  t.equal(x, 1)
  await pulling.close()
})

t.test('AM-21 what a callback throws is logged, and the next message comes', async (t) => {
  await using all = await stack()
  const numbers = topic<number>(all.server, '/numbers')
  const log: LogEntry[] = []
  const seen: number[] = []
  const puller = pull<number>(
    all.client,
    all.address,
    '/numbers',
    async ({ value }) => {
      seen.push(value!)
      if (value === 1) throw new Error('thrown')
      if (value === 2) await Promise.reject(new Error('rejected'))
    },
    { log: (entry) => void log.push(entry) },
  )
  await until(() => numbers.size === 1)
  for (const n of range(1, 3)) numbers.publish(n)
  await until(() => seen.length === 3)
  t.match(log, [
    { event: 'hook_failed', hook: 'pull', error: /thrown/ },
    { event: 'hook_failed', error: /rejected/ },
  ])
  await puller.close()
  await puller.close()
  t.equal(await puller.closed, undefined)
})

t.test('AM-21 a callback that holds the loop is reported in development', async (t) => {
  await using all = await stack()
  const numbers = topic<number>(all.server, '/numbers')
  for (const development of [false, true]) {
    const log: LogEntry[] = []
    const options = { development, log: (entry: LogEntry) => void log.push(entry) }
    let count = 0
    const busy = () => {
      count++
      for (const until = performance.now() + 60; performance.now() < until; );
    }
    await using puller = pull<number>(all.client, all.address, '/numbers', busy, options)
    await until(() => numbers.size === 1)
    numbers.publish(1)
    await until(() => count === 1)
    t.match(log, development ? [{ event: 'pull_blocked', method: '/numbers' }] : [])
    await puller.close()
    await until(() => numbers.size === 0)
  }
})

t.test('AM-22 a signal ends a subscription', async (t) => {
  await using all = await stack()
  const numbers = topic<number>(all.server, '/numbers')
  const controller = new AbortController()
  const next = pull<number>(all.client, all.address, '/numbers', { signal: controller.signal }).next()
  const results: PullResult<number>[] = []
  const puller = pull<number>(all.client, all.address, '/numbers', (result) => void results.push(result), {
    signal: controller.signal,
    reconnect: true,
  })
  await until(() => numbers.size === 2)
  controller.abort()
  await t.rejects(next, { code: 'cancelled' })
  t.match(await puller.closed, { code: 'cancelled' })
  t.match(results, [{ error: { code: 'cancelled' } }])
  await until(() => numbers.size === 0)
})

t.test('gaps are announced, before the message behind them and at the end', async (t) => {
  await using all = await stack()
  const numbers = topic<number>(all.server, '/numbers', { policy: 'drop-old', highWaterMark: 3 })
  const gaps: number[] = []
  const pulling = pull<string>(all.client, all.address, '/numbers', {
    numbered: true,
    onGap: (missed) => {
      gaps.push(missed)
      throw new Error('which harms nothing')
    },
    log: () => undefined,
  })
  const first = pulling.next()
  await until(() => numbers.size === 1)
  // More in one turn than a stream takes without being read.
  for (const n of range(1, 3_000)) numbers.publish(n)
  const numbersSeen = [(await first).value!.number]
  let missed = 0
  for await (const item of pulling) {
    numbersSeen.push(item.number)
    missed += item.missed
    if (item.number === 3_000) break
  }
  t.ok(missed > 0)
  t.equal(pulling.missed, missed)
  t.equal(
    gaps.reduce((sum, gap) => sum + gap, 0),
    missed,
  )
  t.equal(numbersSeen.length, 3_000 - missed)
  t.equal(all.server.counters.get('topic_dropped'), missed)
})

t.test('messages missing at the end are announced, too', async (t) => {
  await using all = await stack()
  const numbers = topic<number>(all.server, '/numbers', { policy: 'drop-new', highWaterMark: 3 })
  const gaps: number[] = []
  const pulling = pull<number>(all.client, all.address, '/numbers', { onGap: (gap) => gaps.push(gap) })
  const first = pulling.next()
  await until(() => numbers.size === 1)
  for (const n of range(1, 3_000)) numbers.publish(n)
  await first
  const closed = numbers.close()
  let count = 1
  try {
    for await (const _ of pulling) count++
    t.fail('it ends with an error')
  } catch (error) {
    t.match(error, { reason: 'closed' })
  }
  await closed
  t.equal(gaps.length, 1)
  t.equal(count + gaps[0]!, 3_000)
  t.equal(pulling.missed, gaps[0])
})

t.test('AM-24 a policy makes a lost subscription again, with growing waits', async (t) => {
  const clock = virtualClock()
  const results: PullResult<number>[] = []
  const waits: number[] = []
  const all = await stack({ clock })
  const numbers = topic<number>(all.server, '/numbers')
  const puller = pull<number>(all.client, all.address, '/numbers', (result) => void results.push(result), {
    reconnect: { firstMs: 100, jitter: 0, maxMs: 300, onLost: (_, waitMs) => waits.push(waitMs) },
    clock,
  })
  await clock.settle()
  numbers.publish(1)
  await clock.settle()
  // The server goes away as a whole, so that tries fail.
  const closing = all.server.close()
  await clock.advance(2_000)
  await closing
  t.same(waits.slice(0, 5), [100, 200, 300, 300, 300])
  t.equal(results.length, 1)
  await puller.close()
  t.equal(await puller.closed, undefined)
  const disposed = all[Symbol.asyncDispose]()
  await clock.advance(60_000)
  await disposed
})

t.test('AM-24 what was missed meanwhile is announced, and a topic that began anew', async (t) => {
  const network = memory()
  const dialled: Connection[] = []
  const transport: Transport = {
    ...network,
    async dial(address, options) {
      const connection = await network.dial(address, options)
      dialled.push(connection)
      return connection
    },
  }
  await using all = await stack({ transport })
  const lose = () => dialled.at(-1)!.abort(new RpcError('unavailable', 'cut', { reason: 'connection_lost' }))
  const numbers = topic<number>(all.server, '/numbers')
  const reconnect = { firstMs: 20, jitter: 0 }
  const pulling = pull<number>(all.client, all.address, '/numbers', { reconnect, numbered: true })
  const first = pulling.next()
  await until(() => numbers.size === 1)
  numbers.publish(1)
  t.same((await first).value, { number: 1, missed: 0, value: 1 })
  const second = pulling.next()
  lose()
  await until(() => numbers.size === 0)
  numbers.publish(2)
  await until(() => numbers.size === 1)
  numbers.publish(3)
  t.same((await second).value, { number: 3, missed: 1, value: 3 })
  const third = pulling.next()
  lose()
  await until(() => numbers.size === 0)
  // Gone and there again between two tries.
  all.server.remove('/numbers')
  const fresh = topic<number>(all.server, '/numbers')
  await until(() => fresh.size === 1)
  fresh.publish(4)
  t.same((await third).value, { number: 1, missed: Infinity, value: 4 })
  await pulling.close()
})

t.test('AM-24 a policy stops where there is no use in another try', async (t) => {
  await using all = await stack()
  const lost: string[] = []
  const reconnect = { firstMs: 1, attempts: 3, onLost: ({ reason }: RpcError) => lost.push(reason!) }
  await t.rejects(pull(all.client, all.address, '/nobody', { reconnect }).next(), {
    name: 'RpcError',
    reason: 'no_method',
  })
  const numbers = topic<number>(all.server, '/numbers')
  const next = pull(all.client, all.address, '/numbers', { reconnect }).next()
  await until(() => numbers.size === 1)
  await numbers.close()
  await t.rejects(next, { name: 'RpcError', reason: 'closed', retryable: false })
  t.same(lost, [])
  await t.rejects(pull(all.client, 'memory://nobody', '/numbers', { reconnect }).next(), {
    name: 'RpcError',
    reason: 'unreachable',
  })
  t.same(lost, ['unreachable', 'unreachable', 'unreachable'])
  t.throws(() => pull(all.client, all.address, '/numbers', { reconnect: { firstMs: -1 } }), TypeError)
})

t.test('closing while it waits for another try ends it at once', async (t) => {
  await using all = await stack()
  const pulling = pull(all.client, 'memory://nobody', '/numbers', { reconnect: { firstMs: 60_000 } })
  const next = pulling.next()
  await new Promise((resolve) => setTimeout(resolve, 5))
  await pulling.close()
  t.same(await next, { done: true, value: undefined })
  t.same(await pulling.next(), { done: true, value: undefined })
})

t.test('AM-23 a handle that is dropped is reported in development, and goes on', async (t) => {
  if (typeof globalThis.gc !== 'function') {
    const { setFlagsFromString } = await import('node:v8')
    const { runInNewContext } = await import('node:vm')
    setFlagsFromString('--expose-gc')
    globalThis.gc = runInNewContext('gc') as typeof globalThis.gc
  }
  await using all = await stack()
  const numbers = topic<number>(all.server, '/numbers')
  const log: LogEntry[] = []
  const options = { development: true, log: (entry: LogEntry) => void log.push(entry) }
  const seen: number[] = []
  const drop = () => {
    pull<number>(all.client, all.address, '/numbers', ({ value }) => void seen.push(value!), options)
  }
  drop()
  await using kept = pull<number>(all.client, all.address, '/numbers', () => undefined, options)
  const closed = pull<number>(all.client, all.address, '/numbers', () => undefined, options)
  await closed.close()
  await until(() => numbers.size === 2)
  for (let turn = 0; turn < 50 && log.length === 0; turn++) {
    globalThis.gc!()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  t.match(log, [{ event: 'puller_dropped', method: '/numbers' }])
  t.equal(log.length, 1)
  numbers.publish(1)
  await until(() => seen.length === 1)
  t.ok(kept)
})

t.test('a path that is none is refused at once', async (t) => {
  await using all = await stack()
  for (const path of ['', 'nagging', '/'])
    t.throws(() => pull(all.client, all.address, path), TypeError, JSON.stringify(path))
  t.throws(() => pull(all.client, 'gopher://x', '/nagging', () => undefined), TypeError)
})

t.test('subscriptions of one connection are limited', async (t) => {
  await using all = await stack({ codecs: [json()], server: { limits: { subscriptions: 3 } } })
  const one = topic(all.server, '/one')
  const two = topic(all.server, '/two')
  const pulls = ['/one', '/one', '/two'].map((path) => pull(all.client, all.address, path))
  const pending = pulls.map((pulling) => take(pulling, 1))
  await until(() => one.size + two.size === 3)
  await t.rejects(pull(all.client, all.address, '/two').next(), {
    code: 'resource_exhausted',
    executed: 'no',
  })
  const other = pull(all.another(), all.address, '/two')
  const otherPending = other.next()
  await until(() => two.size === 2)
  await pulls[0]!.close()
  await until(() => one.size === 1)
  const again = pull(all.client, all.address, '/two')
  const againPending = again.next()
  await until(() => two.size === 3)
  await Promise.all([...pulls, other, again].map((pulling) => pulling.close()))
  await Promise.all([...pending, otherPending, againPending])
  await until(() => one.size + two.size === 0)
})
