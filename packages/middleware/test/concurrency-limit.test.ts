import { harness } from '@hawser/compliance/harness'
import { RpcError, virtualClock } from '@hawser/contract'
import { TimerWheel } from '@hawser/wire'
import t from 'tap'
import { Gradient } from '../src/concurrency-limit/gradient.js'
import {
  type ConcurrencyLimitOptions,
  concurrencyLimit,
  gradientLimit,
} from '../src/concurrency-limit/index.js'
import { ClosedLoop } from './support/closed-loop.js'
import { ManualItems, mockPair, reading, type Sent, send } from './support/mock-pair.js'
import { Workers } from './support/workers.js'

harness(t)

const pair = (options: Partial<ConcurrencyLimitOptions> = {}) =>
  mockPair((clock) => concurrencyLimit({ clock, limit: 2, ...options }))
const outcomes = (sent: readonly Sent[]) => sent.map(({ outcome }) => outcome)
const full = 'resource_exhausted/overloaded/no'
const late = 'resource_exhausted/queue_timeout/no'

t.test('so many run at a time, and others in the order they came', async (t) => {
  const { send, received, clock } = pair()
  const sent = ['/a', '/b', '/c', '/d'].map((method) => send({ method }))
  t.equal(received.length, 2)
  received[1]!.reply('b')
  await clock.settle()
  t.same(
    received.map(({ call }) => call.method),
    ['/a', '/b', '/c'],
  )
  received[0]!.fail('internal', { executed: 'yes' })
  await clock.settle()
  received[2]!.reply('c')
  received[3]!.reply('d')
  await clock.settle()
  t.same(outcomes(sent), ['internal/undefined/yes', 'b', 'c', 'd'])
})

t.test('calls that end at once, or throw at once, leave no place taken', async (t) => {
  const handler = concurrencyLimit({ limit: 1 })(({ method }) => {
    if (method === '/throws') throw new RpcError('aborted', '')
    return { output: new Uint8Array(1) }
  })
  const { call } = pair().send()
  const { call: throws } = pair().send({ method: '/throws' })
  for (let n = 0; n < 10; n++) {
    t.match(handler(call), { output: new Uint8Array(1) }, 'and cost no promise')
    t.throws(() => handler(throws), { code: 'aborted' })
  }
})

t.test('many that end at once are let in without recursion', async (t) => {
  const clock = virtualClock()
  let hold!: () => void
  const handler = concurrencyLimit({ limit: 1, clock, limits: { serverQueue: 50_000 } })(({ method }) =>
    method === '/hold'
      ? new Promise((resolve) => {
          hold = () => resolve({ output: new Uint8Array(0) })
        })
      : { output: new Uint8Array(0) },
  )
  const timers = new TimerWheel(clock)
  const first = send(handler, timers, { method: '/hold' })
  const others = Array.from({ length: 20_000 }, () => send(handler, timers))
  hold()
  await clock.settle()
  t.equal(first.outcome, '')
  t.ok(others.every(({ outcome }) => outcome === ''))
})

for (const off of [-1, 0, 1])
  t.test(`so many wait, ${off} off the limit`, async (t) => {
    const { send, received, clock } = pair({ limits: { serverQueue: 10, overloadShare: 1 } })
    const sent = Array.from({ length: 2 + 10 + off }, () => send())
    await clock.settle()
    t.equal(outcomes(sent).filter((outcome) => outcome === full).length, Math.max(0, off))
    for (let n = 0; n < 12; n++) {
      received[n]?.reply('')
      await clock.settle()
    }
  })

t.test('the last fifth of the queue is for urgent calls', async (t) => {
  const { send, clock } = pair({
    limits: { serverQueue: 10 },
    urgent: ({ method }) => method === '/urgent',
  })
  const sent = Array.from({ length: 11 }, () => send())
  const urgent = Array.from({ length: 3 }, () => send({ method: '/urgent' }))
  await clock.settle()
  t.same(outcomes(sent), [...Array(10).fill('goes on'), full])
  t.same(outcomes(urgent), ['goes on', 'goes on', full])
})

t.test('a call that is cancelled while it waits leaves the queue, and was not run', async (t) => {
  const { send, received, clock } = pair()
  const sent = Array.from({ length: 4 }, () => send({ timeoutMs: 1_000 }))
  sent[2]!.cancel()
  await clock.settle()
  t.equal(sent[2]!.outcome, 'cancelled/cancelled/no')
  await clock.advance(1_020)
  t.equal(sent[3]!.outcome, 'deadline_exceeded/deadline/no')
  t.equal(received.length, 2)
  t.equal(send({ timeoutMs: 0 }).outcome, 'goes on')
  await clock.settle()
})

t.test('a call that is cancelled while it runs has its place until its handler ends', async (t) => {
  const { send, received, clock } = pair({ limit: 1 })
  send().cancel()
  send()
  await clock.advance(50)
  t.equal(received.length, 1)
  received[0]!.fail('cancelled')
  await clock.settle()
  t.equal(received.length, 2)
})

for (const how of ['their last item', 'an error', 'their reader leaving', 'a cancel before they are read'])
  t.test(`a stream has its place until ${how}`, async (t) => {
    const { send, received, clock } = pair({ limit: 1 })
    const items = new ManualItems()
    const sent = send({ kind: 'server-stream' })
    send()
    received[0]!.reply(items)
    await clock.settle()
    if (how === 'a cancel before they are read') sent.cancel()
    else {
      const { stop } = reading(sent.reply!.output)
      items.push('a')
      await clock.settle()
      t.equal(received.length, 1, 'it goes on')
      if (how === 'their last item') items.end()
      else if (how === 'an error') items.fail(new RpcError('aborted', ''))
      else stop()
    }
    await clock.settle()
    t.equal(received.length, 2)
  })

t.test('a burst is taken up, a standing queue is not', async (t) => {
  const { send, received, clock } = pair({ limit: 1 })
  let answered = 0
  const answer = () => {
    if (answered < received.length) received[answered++]!.reply('')
  }
  const burst = Array.from({ length: 8 }, () => send())
  for (let n = 0; n < 8; n++) {
    await clock.advance(10)
    answer()
  }
  await clock.settle()
  t.same(outcomes(burst), Array(8).fill(''), 'none waited for more than 100 ms')
  // From now on twice as many as can be answered: one every 10 ms.
  const sent: Sent[] = []
  for (let n = 0; n < 100; n++) {
    sent.push(send(), send())
    await clock.advance(10)
    answer()
  }
  for (let n = 0; n < 30; n++) {
    await clock.advance(10)
    answer()
  }
  const all = outcomes(sent)
  t.ok(all.every((outcome) => outcome === '' || outcome === late))
  t.ok(all.filter((outcome) => outcome === '').length >= 90, 'places do not stand empty')
  t.ok(all.filter((outcome) => outcome === late).length >= 80)
  const waits = sent.flatMap(({ error }) => (error?.retryAfterMs === undefined ? [] : [error.retryAfterMs]))
  t.ok(waits.length >= 70, 'while the queue stands, it is said for how long at the least')
  t.ok(waits.every((wait) => wait >= 0 && wait <= 100))
  const quiet = send()
  await clock.settle()
  answer()
  await clock.settle()
  t.equal(quiet.outcome, '', 'and all is well again')
})

t.test('an expired call is not run when its turn comes', async (t) => {
  const { send, received, clock } = pair({ limit: 1, limits: { queueIntervalMs: 10_000 } })
  send()
  // Nobody sees to this one's deadline: a wheel is late by up to a tick.
  const expired = send({ timeoutMs: 5 })
  await clock.advance(7)
  received[0]!.reply('')
  await clock.settle()
  t.equal(expired.outcome, 'deadline_exceeded/deadline/no')
  t.equal(received.length, 1)
})

t.test('a limit that makes no sense is refused', async (t) => {
  for (const limit of [0, -1, Number.NaN]) t.throws(() => concurrencyLimit({ limit }), TypeError)
  for (const options of [{ start: 0 }, { floor: 2_000 }, { tolerance: 0.5 }])
    t.throws(() => gradientLimit(options), TypeError)
})

// ---- the limit that finds itself ---------------------------------------------------------------------------------

const closedLoop = (workers: number, workMs: number, callers: number) => {
  const gradient = new Gradient({ start: 32, floor: 4, most: 1_000, tolerance: 1.5, windowMs: 100 })
  return new ClosedLoop(gradient, workers, workMs, callers)
}

for (const [workers, workMs] of [
  [8, 1],
  [8, 20],
  [8, 500],
  [48, 50],
] as const)
  t.test(`the limit finds what ${workers} workers can do who take ${workMs} ms`, async (t) => {
    const all = closedLoop(workers, workMs, 4 * workers + 32)
    all.run(15_000 + 20 * workMs)
    const [, high] = all.run(6_000)
    t.ok(high <= workers * 2.2, `at most ${high}`)
    const before = all.done
    all.run(10_000)
    const share = (all.done - before) / ((workers * 10_000) / workMs)
    t.ok(share >= 0.9, `${share} of what they can do is done, looking for the limit included`)
  })

t.test('the limit follows a server that becomes slower, and faster', async (t) => {
  const all = closedLoop(32, 20, 128)
  all.run(12_000)
  all.workers = 8
  all.run(12_000)
  t.ok(all.run(3_000)[1] <= 18, 'fewer workers')
  all.workers = 32
  all.run(12_000)
  t.ok(all.run(3_000)[1] >= 40, 'more workers')
  all.workMs = 100
  all.run(22_000)
  t.ok(all.run(3_000)[1] >= 40, 'work that takes longer is no load')
})

t.test('the limit stays above its floor, and as it is as long as it is not used', async (t) => {
  t.equal(closedLoop(1, 20, 40).run(15_000)[0], 4)
  t.same(closedLoop(64, 20, 3).run(15_000), [32, 32])
})

t.test('the limit is the one that calls are let in by', async (t) => {
  const clock = virtualClock()
  const server = new Workers(clock, 4, 20)
  const limits: number[] = []
  const handler = gradientLimit({ clock, start: 40, onLimit: (limit) => limits.push(limit) })(server.handler)
  const timers = new TimerWheel(clock)
  for (let n = 0; n < 60; n++) {
    for (let m = 0; m < 20; m++) send(handler, timers)
    await clock.advance(50)
  }
  await clock.advance(500)
  t.equal(server.present, 0)
  t.equal(server.peak, Math.max(40, ...limits))
  t.ok(limits.at(-1)! <= 16, `${limits.at(-1)} in the end`)
  server.peak = 0
  for (let m = 0; m < 40; m++) send(handler, timers)
  await clock.advance(500)
  t.ok(server.peak <= limits.at(-1)!)
})
