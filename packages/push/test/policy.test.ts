import { json } from '@hawser/codec-json'
import { harness } from '@hawser/compliance/harness'
import { systemClock, virtualClock } from '@hawser/contract'
import { createServer, type Server, type ServerOptions } from '@hawser/server'
import t from 'tap'
import { type TopicOptions, topic } from '../src/index.js'
import { ManualOutlet } from './support/manual.js'
import { range } from './support/stack.js'

harness(t)

function world(options: TopicOptions = {}, server: Partial<ServerOptions> = {}) {
  const clock = virtualClock()
  const made: Server = createServer({ codecs: [json()], clock, log: () => undefined, ...server })
  return { clock, server: made, numbers: topic<unknown>(made, '/numbers', options) }
}

t.test('AM-27 ten messages may wait by default, AM-28 the eleventh closes', async (t) => {
  const { server, numbers } = world()
  const slow = new ManualOutlet(server, '/numbers').begin()
  const quick = new ManualOutlet(server, '/numbers', { room: Infinity }).begin()
  for (const n of range(1, 9)) t.equal(numbers.publish(n), true)
  t.equal(numbers.publish(10), false, 'at the mark the publisher is told')
  t.equal(slow.error, undefined)
  t.equal(numbers.publish(11), true)
  t.match(slow.error, { code: 'resource_exhausted', reason: 'slow_consumer', retryable: true })
  t.same(slow.items, [])
  t.equal(numbers.size, 1, 'others are unaffected')
  t.same(quick.numbers, range(1, 11))
  t.equal(server.counters.get('topic_slow_consumer'), 1)
})

t.test('AM-27 the mark is an option, and so is that of bytes', async (t) => {
  const { server, numbers } = world({ highWaterMark: 100, maxBytes: 1_000 })
  const many = new ManualOutlet(server, '/numbers').begin()
  for (const n of range(0, 9)) numbers.publish(n)
  for (const n of range(10, 99)) numbers.publish(n)
  t.equal(many.error, undefined, '100 wait')
  numbers.publish(1)
  t.match(many.error, { reason: 'slow_consumer' })
  const large = new ManualOutlet(server, '/numbers').begin()
  numbers.publish('x'.repeat(498))
  numbers.publish('x'.repeat(498))
  t.equal(large.error, undefined, '1,000 bytes wait')
  numbers.publish(1)
  t.match(large.error, { reason: 'slow_consumer' })
  const tooLarge = new ManualOutlet(server, '/numbers').begin()
  numbers.publish('x'.repeat(999))
  t.match(tooLarge.error, { reason: 'slow_consumer' }, '1,001 bytes do not')
})

t.test('limits are the defaults of the marks', async (t) => {
  const { server, numbers } = world({}, { limits: { subscriberMessages: 2, subscriberBytes: 5 } })
  const slow = new ManualOutlet(server, '/numbers').begin()
  for (const n of [1, 2]) numbers.publish(n)
  t.equal(slow.error, undefined)
  numbers.publish(3)
  t.match(slow.error, { reason: 'slow_consumer' })
  const large = new ManualOutlet(server, '/numbers').begin()
  numbers.publish('abc')
  t.equal(large.error, undefined, '5 bytes')
  numbers.publish(1)
  t.match(large.error, { reason: 'slow_consumer' })
})

const dropping = [
  // The first message is kept in any case, so that the gap lies between two numbers.
  ['drop-new', [1, 2, 3], 9],
  ['drop-old', [1, 11, 12], 9],
  ['latest', [1, 12], 10],
] as const

for (const [policy, got, drops] of dropping)
  t.test(`AM-28 ${policy} keeps the subscriber, and what it missed shows in the numbers`, async (t) => {
    const { server, numbers } = world({ policy, highWaterMark: 3 })
    const slow = new ManualOutlet(server, '/numbers').begin()
    for (const n of range(1, 12)) numbers.publish(n)
    t.equal(slow.error, undefined)
    slow.take(Infinity)
    t.same(slow.numbers, got)
    t.equal(server.counters.get('topic_dropped'), drops)
    numbers.publish('next')
    t.equal(slow.numbers.at(-1), 13)
  })

t.test('AM-28 the same once something was taken', async (t) => {
  const expected = { 'drop-new': [1, 2, 3, 4], 'drop-old': [1, 10, 11, 12], latest: [1, 12] } as const
  for (const policy of ['drop-new', 'drop-old', 'latest'] as const) {
    const { server, numbers } = world({ policy, highWaterMark: 3 })
    const slow = new ManualOutlet(server, '/numbers', { room: 1 }).begin()
    for (const n of range(1, 12)) numbers.publish(n)
    slow.take(Infinity)
    t.same(slow.numbers, expected[policy], policy)
  }
})

t.test('drops of bytes: as many old ones go as a new one needs', async (t) => {
  const { server, numbers } = world({ policy: 'drop-old', highWaterMark: 100, maxBytes: 10 })
  const slow = new ManualOutlet(server, '/numbers', { room: 1 }).begin()
  for (const n of [0, 1, 2, 3, 4, 5]) numbers.publish(n)
  numbers.publish('12345678')
  slow.take(Infinity)
  t.same(slow.texts, ['0', '"12345678"'])
})

t.test('messages that are missing at the end are told with it', async (t) => {
  const { server, numbers } = world({ policy: 'drop-new', highWaterMark: 2 })
  const slow = new ManualOutlet(server, '/numbers').begin()
  for (const n of range(1, 5)) numbers.publish(n)
  slow.take(Infinity)
  t.same(slow.numbers, [1, 2])
  await numbers.close()
  t.match(slow.error, { reason: 'closed', retryable: false })
  t.same(json().decode(slow.error!.details as Uint8Array), { missed: 3 })
})

t.test('F16 block: publish refuses before anybody gets it, publishWhenReady waits', async (t) => {
  const { server, numbers, clock } = world({ policy: 'block', highWaterMark: 2 })
  const slow = new ManualOutlet(server, '/numbers').begin()
  const quick = new ManualOutlet(server, '/numbers', { room: Infinity }).begin()
  t.equal(numbers.publish(1), true)
  t.equal(numbers.publish(2), false)
  t.throws(() => numbers.publish(3), { code: 'resource_exhausted', executed: 'no' })
  t.same(quick.numbers, [1, 2])
  const order: number[] = []
  const waiting = [3, 4, 5].map((n) => numbers.publishWhenReady(n).then(() => order.push(n)))
  await clock.settle()
  t.same(order, [])
  slow.take(1)
  await clock.settle()
  t.same(order, [3])
  slow.take(Infinity)
  await Promise.all(waiting)
  t.same(order, [3, 4, 5])
  t.same(slow.numbers, range(1, 5))
  t.same(quick.numbers, range(1, 5))
})

t.test('block: who takes nothing for too long is closed, and publishers go on', async (t) => {
  const { server, numbers, clock } = world({ policy: 'block', highWaterMark: 1, patienceMs: 1_000 })
  const dead = new ManualOutlet(server, '/numbers').begin()
  numbers.publish(1)
  const waiting = numbers.publishWhenReady(2)
  await clock.advance(999)
  t.equal(dead.error, undefined)
  await clock.advance(1)
  t.match(dead.error, { reason: 'slow_consumer' })
  await waiting
  t.equal(numbers.sequence, 2)
  t.equal(clock.pending, 0)
})

t.test('with other policies, patience ends the wait and the policy decides', async (t) => {
  const { server, numbers, clock } = world({ policy: 'drop-new', highWaterMark: 1, patienceMs: 1_000 })
  const slow = new ManualOutlet(server, '/numbers').begin()
  numbers.publish(1)
  const ready = numbers.ready()
  await clock.advance(1_000)
  await ready
  numbers.publish(2)
  t.equal(slow.error, undefined)
  t.equal(server.counters.get('topic_dropped'), 1)
})

t.test('waiting to publish can be cancelled, is limited, and ends with the topic', async (t) => {
  const { server, numbers, clock } = world(
    { policy: 'block', highWaterMark: 1 },
    { limits: { serverQueue: 2 } },
  )
  new ManualOutlet(server, '/numbers').begin()
  numbers.publish(1)
  const controller = new AbortController()
  const cancelled = numbers.publishWhenReady(2, { signal: controller.signal })
  const waiting = numbers.publishWhenReady(3)
  await clock.settle()
  await t.rejects(numbers.publishWhenReady(4), { code: 'resource_exhausted' })
  controller.abort(new Error('not any more'))
  await t.rejects(cancelled, /not any more/)
  const closed = numbers.close()
  await t.rejects(waiting, TypeError)
  await t.rejects(numbers.publishWhenReady(4), TypeError)
  await clock.advance(25_000)
  await closed
  t.equal(clock.pending, 0)
})

t.test('who iterates is judged when the turn is over', async (t) => {
  const { server, numbers } = world({}, { clock: systemClock() })
  const quick = new ManualOutlet(server, '/numbers')
  const taken: Uint8Array[] = []
  const iterating = (async () => {
    for await (const item of quick.feed) taken.push(item)
  })().catch((error) => error)
  const idle = new ManualOutlet(server, '/numbers')
  const idleItems = idle.feed[Symbol.asyncIterator]()
  for (const n of range(1, 50)) numbers.publish(n)
  t.equal(numbers.size, 2, 'nobody is too slow within a turn')
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(taken.length, 50)
  t.equal(numbers.size, 1)
  await t.rejects(idleItems.next(), { name: 'RpcError', reason: 'slow_consumer' })
  await numbers.close()
  t.match(await iterating, { name: 'RpcError', reason: 'closed' })
})

t.test('who iterates gets what a dropping policy leaves', async (t) => {
  const expected = { 'drop-new': [1, 2, 3], 'drop-old': [1, 49, 50], latest: [1, 50] } as const
  for (const policy of ['drop-new', 'drop-old', 'latest'] as const) {
    const { server, numbers, clock } = world({ policy, highWaterMark: 3 })
    const outlet = new ManualOutlet(server, '/numbers')
    const items = outlet.feed[Symbol.asyncIterator]()
    for (const n of range(1, 50)) numbers.publish(n)
    await clock.settle()
    for (const _ of expected[policy]) outlet.items.push((await items.next()).value as Uint8Array)
    t.same(outlet.numbers, expected[policy], policy)
    await items.return?.()
  }
})

t.test('a flood within one turn is judged by its bytes', async (t) => {
  const { server, numbers } = world({ maxBytes: 100 })
  new ManualOutlet(server, '/numbers')
  for (const text of Array<string>(10).fill('x'.repeat(8))) numbers.publish(text)
  t.equal(numbers.size, 1)
  numbers.publish(1)
  t.equal(numbers.size, 0)
})

t.test('options that make no topic are refused', async (t) => {
  const { server } = world()
  const bad: TopicOptions[] = [
    { policy: 'other' as 'close' },
    { highWaterMark: 0 },
    { highWaterMark: 1.5 },
    { maxBytes: -1 },
    { convert: true },
  ]
  for (const options of bad) t.throws(() => topic(server, '/bad', options), TypeError)
  t.throws(() => topic(server, 'bad'), TypeError)
  t.throws(() => topic(server, '/bad//path'), TypeError)
  t.doesNotThrow(() => topic(server, '/a'.repeat(16)))
  t.throws(() => topic(server, '/a'.repeat(17)), TypeError)
})
