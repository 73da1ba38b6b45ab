import { harness } from '@hawser/compliance/harness'
import { give, virtualClock } from '@hawser/contract'
import t from 'tap'
import { type HedgeOptions, hedge } from '../src/hedge/index.js'
import { retryBudget } from '../src/retry/index.js'
import { mockPair, type SentOptions } from './support/mock-pair.js'

harness(t)

const pair = (options: HedgeOptions = { delayMs: 10 }) => mockPair((clock) => hedge({ clock, ...options }))
const twice = { idempotent: true }

t.test('a slow call is made again; the first answer is taken, and the other copy cancelled', async (t) => {
  for (const winner of [0, 1]) {
    const { send, received, clock } = pair()
    const sent = send(twice)
    await clock.advance(9)
    t.equal(received.length, 1)
    await clock.advance(1)
    t.equal(received.length, 2)
    received[winner]!.reply(`copy ${winner}`)
    await clock.settle()
    t.equal(sent.outcome, `copy ${winner}`)
    t.match(received[1 - winner]!.call.cancelReason, { code: 'cancelled' })
    t.equal(received[winner]!.call.cancelReason, undefined)
    received[1 - winner]!.fail('cancelled')
    await clock.settle()
    t.equal(sent.outcome, `copy ${winner}`)
    t.equal(clock.pending, 0)
  }
})

t.test('a quick call is made once', async (t) => {
  const { send, received, clock } = pair()
  const sent = send(twice)
  await clock.advance(9)
  received[0]!.reply('out')
  await clock.advance(100)
  t.equal(sent.outcome, 'out')
  t.equal(received.length, 1)
})

const once: readonly [why: string, SentOptions][] = [
  ['may not run twice', {}],
  ['streams answers', { ...twice, kind: 'server-stream' }],
  ['streams what it sends', { ...twice, kind: 'client-stream' }],
  ['waits for no answer', { ...twice, kind: 'oneway' }],
  ['asks whether somebody is there', { ...twice, probe: true }],
]
for (const [why, options] of once)
  t.test(`made once, and as it is: a call that ${why}`, async (t) => {
    const { send, received, clock } = pair()
    const sent = send(options)
    await clock.advance(1_000)
    t.equal(received.length, 1)
    t.equal(received[0]!.call, sent.call)
    received[0]!.reply('')
    await clock.settle()
  })

t.test('an error that is an answer is taken; of two that are none, the last', async (t) => {
  const { send, received, clock } = pair()
  const answered = send(twice)
  await clock.advance(10)
  received[1]!.fail('not_found', { executed: 'yes' })
  await clock.settle()
  t.equal(answered.outcome, 'not_found/undefined/yes')
  received[0]!.reply('')
  for (const [a, b, fate] of [
    ['no', 'no', 'no'],
    ['maybe', 'no', 'maybe'],
    ['no', 'maybe', 'maybe'],
  ] as const) {
    const { send, received, clock } = pair()
    const sent = send(twice)
    await clock.advance(10)
    received[0]!.fail('aborted', { executed: a })
    await clock.settle()
    t.equal(sent.outcome, 'goes on')
    received[1]!.fail('unavailable', { executed: b })
    await clock.settle()
    t.equal(sent.outcome, `unavailable/undefined/${fate}`)
  }
})

t.test('an error before the second copy is final', async (t) => {
  const { send, received, clock } = pair()
  const sent = send(twice)
  received[0]!.fail('unavailable', { executed: 'no' })
  await clock.advance(100)
  t.equal(sent.outcome, 'unavailable/undefined/no')
  t.equal(received.length, 1)
  t.equal(clock.pending, 0)
})

t.test('a cancelled call cancels its copies, and is not made again', async (t) => {
  const { send, received, clock } = pair()
  const sent = send(twice)
  const early = send(twice)
  early.cancel()
  await clock.advance(10)
  t.equal(received.length, 3)
  sent.cancel()
  for (const each of received) {
    t.match(each.call.cancelReason, { code: 'cancelled' })
    each.fail('cancelled')
  }
  await clock.settle()
  t.equal(sent.outcome, 'cancelled/undefined/maybe')
})

t.test('bytes that were given away and moved are not there for a second copy', async (t) => {
  const { send, received, clock } = pair()
  const input = give(new Uint8Array(10))
  const sent = send({ ...twice, input })
  structuredClone(input.buffer, { transfer: [input.buffer as ArrayBuffer] })
  await clock.advance(100)
  t.equal(received.length, 1)
  received[0]!.reply('out')
  await clock.settle()
  t.equal(sent.outcome, 'out')
})

t.test('no more than a twentieth of the calls is made twice', async (t) => {
  t.throws(() => hedge({ share: 0.06 }), TypeError)
  for (const share of [0.05, 0.01]) {
    const all = pair({ delayMs: 10, share })
    for (let n = 0; n < 400; n++) {
      all.send(twice)
      await all.clock.advance(20)
      for (const each of all.received) each.reply('')
    }
    const copies = all.received.length - 400
    t.ok(copies <= share * 400 + 1, `${copies} copies`)
    t.ok(copies >= share * 400 - 1, `${copies} copies`)
  }
})

t.test('copies are taken from the budget of retries, where there is one', async (t) => {
  const clock = virtualClock()
  const budget = retryBudget({ clock, limits: { retryShare: 0, retryRate: 0.1 } })
  const all = mockPair(() => hedge({ clock, delayMs: 10, budget }), clock)
  for (let n = 0; n < 100; n++) {
    all.send(twice)
    await clock.advance(15)
    for (const each of all.received) each.reply('')
  }
  t.equal(all.received.length, 101)
})

t.test('what is slow follows from what calls take', async (t) => {
  const all = pair({ percentile: 0.9 })
  const run = async (ms: number) => {
    const sent = all.send(twice)
    const before = all.received.length
    await all.clock.advance(ms)
    const copied = all.received.length > before
    for (const each of all.received) each.reply('')
    await all.clock.settle()
    t.equal(sent.outcome, '')
    return copied
  }
  for (let n = 0; n < 20; n++) t.notOk(await run(n % 10 === 0 ? 200 : 20), 'nothing is known yet')
  t.notOk(await run(19))
  t.ok(await run(23), 'nine of ten were answered within 20 ms')
  await all.clock.advance(30_000)
  t.notOk(await run(100), 'what was long ago counts no more')
})

t.test('what makes no sense is refused', async (t) => {
  for (const options of [{ delayMs: 0 }, { percentile: 1.1 }, { percentile: 0 }, { share: 0 }])
    t.throws(() => hedge(options), TypeError)
})
