import { harness } from '@hawser/compliance/harness'
import { give, RpcError, type RpcErrorOptions, type VirtualClock, virtualClock } from '@hawser/contract'
import t from 'tap'
import { type RetryOptions, retry, retryBudget } from '../src/retry/index.js'
import {
  bytes,
  ManualItems,
  type MockPair,
  mockPair,
  reading,
  type SentOptions,
} from './support/mock-pair.js'

harness(t)

const pair = (options: RetryOptions = {}) => mockPair((clock) => retry({ clock, ...options }))
const refused: RpcErrorOptions = { executed: 'no', reason: 'overloaded' }

/** Lets the driver fail every attempt as it comes, for so long. */
async function failing(
  { received, clock }: MockPair,
  milliseconds: number,
  code: RpcError['code'] = 'resource_exhausted',
  options: RpcErrorOptions = refused,
): Promise<void> {
  let failed = 0
  for (const until = clock.now() + milliseconds; clock.now() < until; await clock.advance(10))
    for (; failed < received.length; failed++) received[failed]!.fail(code, options)
}

const cases: readonly [why: string, RpcError['code'], RpcErrorOptions, SentOptions, attempts: number][] = [
  ['not run, and worth a retry', 'unavailable', { executed: 'no' }, {}, 3],
  ['not run, and not worth one', 'unimplemented', { executed: 'no' }, {}, 1],
  ['not run, and told not to', 'unavailable', { executed: 'no', retryable: false }, {}, 1],
  ['may have run', 'unavailable', { executed: 'maybe' }, {}, 1],
  ['may have run, and may twice', 'unavailable', { executed: 'maybe' }, { idempotent: true }, 3],
  ['has run', 'unavailable', { executed: 'yes' }, { idempotent: true }, 1],
  [
    'has run, may twice, and is told to',
    'aborted',
    { executed: 'yes', retryable: true },
    { idempotent: true },
    3,
  ],
  ['has run, and is told to', 'aborted', { executed: 'yes', retryable: true }, {}, 1],
  ['an answer like any other', 'not_found', { executed: 'yes' }, { idempotent: true }, 1],
  ['asks whether somebody is there', 'unavailable', { executed: 'no' }, { probe: true }, 1],
]
for (const [why, code, options, sent, attempts] of cases)
  t.test(`${attempts === 1 ? 'not again' : 'again'}: ${why}`, async (t) => {
    const all = pair()
    const call = all.send(sent)
    await failing(all, 2_000, code, options)
    t.equal(all.received.length, attempts)
    t.match(call.outcome, code)
    t.equal(all.clock.pending, 0)
  })

t.test('the first reply ends it, after waits that grow and vary', async (t) => {
  const { send, received, clock } = pair()
  const sent = send()
  received[0]!.fail('unavailable', refused)
  await clock.advance(39)
  t.equal(received.length, 1)
  await clock.advance(21)
  t.equal(received.length, 2, '50 ms, give or take a fifth')
  received[1]!.fail('unavailable', refused)
  await clock.advance(79)
  t.equal(received.length, 2)
  await clock.advance(41)
  t.equal(received.length, 3, '100 ms, give or take a fifth')
  received[2]!.reply('out')
  await clock.settle()
  t.equal(sent.outcome, 'out')
})

t.test(
  'what was not run because its connection goes away is made again at once, and costs no budget',
  async (t) => {
    const all = pair({ limits: { retryRate: 0, retryShare: 0 } })
    const { send, received, clock } = all
    const sent = Array.from({ length: 10 }, () => send())
    for (const each of received.slice(0, 10)) each.fail('unavailable', { executed: 'no', reason: 'draining' })
    await clock.settle()
    t.equal(received.length, 20)
    for (const each of received) each.reply('out')
    await clock.settle()
    t.ok(sent.every(({ outcome }) => outcome === 'out'))
    send()
    await failing(all, 1_000, 'unavailable', { executed: 'no', reason: 'draining' })
    t.equal(received.length, 23, 'no more than there are attempts')
  },
)

t.test('a later error does not say that nothing was run when something may have', async (t) => {
  const { send, received, clock } = pair()
  const sent = send({ idempotent: true })
  received[0]!.fail('unavailable', { executed: 'maybe' })
  await clock.advance(100)
  received[1]!.fail('invalid_argument', { executed: 'no' })
  await clock.settle()
  t.equal(sent.outcome, 'invalid_argument/undefined/maybe')
})

t.test('no attempt begins after the deadline, and a cancelled call waits for none', async (t) => {
  const { send, received, clock } = pair()
  const short = send({ timeoutMs: 30 })
  received[0]!.fail('unavailable', refused)
  await clock.settle()
  t.equal(short.outcome, 'unavailable/overloaded/no', 'at once')
  const sent = send()
  received[1]!.fail('unavailable', refused)
  await clock.advance(10)
  sent.cancel()
  await clock.settle()
  t.equal(sent.outcome, 'cancelled/cancelled/no')
  t.equal(clock.pending, 0)
  t.equal(received.length, 2)
})

t.test('what the other side says of when to come back holds', async (t) => {
  const pushbacks = new Map([
    ['/later', 700],
    ['/never', -1],
    ['/next year', 3e10],
    ['/nonsense', Number.NaN],
  ])
  const { send, received, clock } = pair({ pushback: (_, { method }) => pushbacks.get(method) })
  const sent = [...pushbacks.keys()].map((method) => send({ method, timeoutMs: 5_000 }))
  for (const each of received) each.fail('unavailable', refused)
  await clock.advance(699)
  t.equal(received.length, 4)
  t.same(
    sent.map(({ outcome }) => outcome),
    ['goes on', ...Array(3).fill('unavailable/overloaded/no')],
  )
  await clock.advance(1)
  t.equal(received.length, 5)
  received[4]!.reply('out')
  await clock.settle()
  t.equal(sent[0]!.outcome, 'out')
})

t.test('what a server says of when to come back is heeded, and no more than there is time for', async (t) => {
  const year = 365 * 86_400_000
  const { send, received, clock } = pair()
  const attempts = async (retryAfterMs: number, timeoutMs = 5_000) => {
    const before = received.length
    const sent = send({ timeoutMs })
    received[before]!.fail('unavailable', { ...refused, retryAfterMs })
    await clock.settle()
    if (sent.outcome !== 'goes on') return sent.outcome
    for (let ms = 0; ms < 31 && received.length === before + 1; ms++) await clock.advance(1_000)
    received[before + 1]?.reply('out')
    await clock.settle()
    return sent.outcome
  }
  const failed = 'unavailable/overloaded/no'
  t.equal(await attempts(4_999), 'out')
  for (const wait of [5_000, 5_001, year, -1, Infinity]) t.equal(await attempts(wait), failed, `${wait}`)
  t.equal(await attempts(Number.NaN), 'out', 'that says nothing')
  for (const wait of [29_999, 30_000]) t.equal(await attempts(wait, Infinity), 'out', `${wait}, no deadline`)
  for (const wait of [30_001, year, -1])
    t.equal(await attempts(wait, Infinity), failed, `${wait}, no deadline`)
  t.equal(clock.pending, 0, 'and no timer is left')
})

t.test('it lengthens the backoff, never shortens it', async (t) => {
  const { send, received, clock } = pair()
  send({ timeoutMs: 5_000 })
  received[0]!.fail('unavailable', { ...refused, retryAfterMs: 0 })
  await clock.advance(39)
  t.equal(received.length, 1)
  await clock.advance(21)
  t.equal(received.length, 2)
  received[1]!.fail('unavailable', { ...refused, retryAfterMs: 300 })
  await clock.advance(299)
  t.equal(received.length, 2)
  await clock.advance(1)
  t.equal(received.length, 3)
  received[2]!.reply('')
  await clock.settle()
})

t.test('it makes nothing safe that was not, and costs the budget as always', async (t) => {
  const all = pair()
  const sent = all.send()
  all.received[0]!.fail('unavailable', { executed: 'maybe', retryAfterMs: 10 })
  await all.clock.advance(2_000)
  t.equal(sent.outcome, 'unavailable/undefined/maybe')
  const twice = all.send({ idempotent: true })
  all.received[1]!.fail('aborted', { executed: 'yes', retryAfterMs: 100 })
  await all.clock.advance(100)
  all.received[2]!.reply('out')
  await all.clock.settle()
  t.equal(twice.outcome, 'out', 'what may run twice does, where the handler asks for it')
  const poor = pair({ limits: { retryRate: 0, retryShare: 0 } })
  const refusal = poor.send()
  poor.received[0]!.fail('unavailable', { ...refused, retryAfterMs: 10 })
  await poor.clock.advance(2_000)
  t.equal(refusal.outcome, 'unavailable/overloaded/no')
})

t.test('each attempt has its time, within that of the call', async (t) => {
  const { send, received, clock } = pair({ perAttemptMs: 100 })
  const twice = send({ idempotent: true, timeoutMs: 1_000 })
  const once = send({ timeoutMs: 1_000 })
  await clock.advance(115)
  t.equal(once.outcome, 'deadline_exceeded/deadline/maybe')
  await clock.advance(65)
  t.equal(received.length, 3)
  t.ok(received[2]!.call.deadline < 300)
  received[2]!.reply('out')
  await clock.settle()
  t.equal(twice.outcome, 'out')
  t.equal(clock.pending, 0)
  const short = send({ idempotent: true, timeoutMs: 50 })
  t.equal(received[3]!.call.deadline, short.call.deadline)
  received[3]!.reply('')
  await clock.settle()
})

t.test('five attempts are the most there can be', async (t) => {
  t.throws(() => retry({ attempts: 6 }), TypeError)
  t.throws(() => retry({ perAttemptMs: 0 }), TypeError)
  const all = pair({ attempts: 5 })
  all.send()
  await failing(all, 5_000)
  t.equal(all.received.length, 5)
})

t.test('retries are a fifth of the calls and ten a second, however many fail', async (t) => {
  const all = pair()
  let failed = 0
  for (let n = 0; n < 1_000; n++) {
    all.send()
    await all.clock.advance(10)
    for (; failed < all.received.length; failed++) all.received[failed]!.fail('unavailable', refused)
  }
  await all.clock.advance(100)
  const retries = all.received.length - 1_000
  t.ok(retries <= 0.2 * 1_000 + 10 * 10, `${retries} retries`)
  t.ok(retries > 250, `${retries} retries`)
})

t.test('a budget can be shared', async (t) => {
  const clock = virtualClock()
  const budget = retryBudget({ clock, limits: { retryShare: 0, retryRate: 0.2 } })
  const a = mockPair(() => retry({ clock, budget }), clock)
  const b = mockPair(() => retry({ clock, budget }), clock)
  for (const all of [a, b, a, b]) all.send()
  for (const all of [a, b]) for (const each of all.received) each.fail('unavailable', refused)
  await clock.advance(100)
  t.equal(a.received.length + b.received.length, 6)
})

// ---- streams ---------------------------------------------------------------------------------------------------

async function streaming(all: MockPair, options: SentOptions = {}) {
  const sent = all.send({ kind: 'server-stream', ...options })
  const items = new ManualItems()
  all.received[0]!.reply(items)
  await all.clock.settle()
  return { sent, items, ...reading(sent.reply!.output) }
}

t.test('answers that were not begun to be read are asked for again', async (t) => {
  const all = pair()
  const { items, seen } = await streaming(all)
  items.fail(new RpcError('unavailable', '', refused))
  await all.clock.advance(100)
  t.equal(all.received.length, 2)
  const second = new ManualItems()
  all.received[1]!.reply(second)
  second.push('a')
  second.end()
  await all.clock.settle()
  t.same(seen, ['a', 'end'])
})

t.test('answers that were begun to be read are not', async (t) => {
  const all = pair()
  const { items, seen } = await streaming(all, { idempotent: true })
  items.push('a')
  items.fail(new RpcError('unavailable', '', refused))
  await all.clock.advance(1_000)
  t.same(seen, ['a', 'unavailable/overloaded/no'])
  t.equal(all.received.length, 1)
})

t.test('leaving the answers closes their source', async (t) => {
  const all = pair()
  const { items, stop } = await streaming(all)
  stop()
  await all.clock.settle()
  t.ok(items.closed)
})

t.test('what was sent is sent again from its start, and made once', async (t) => {
  const all = pair()
  const input = new ManualItems()
  const sent = all.send({ kind: 'client-stream', input })
  const first = reading(all.received[0]!.call.input)
  input.push('a')
  input.push('b')
  await all.clock.settle()
  first.stop()
  all.received[0]!.fail('unavailable', refused)
  await all.clock.advance(100)
  t.notOk(input.closed)
  const second = reading(all.received[1]!.call.input)
  input.push('c')
  input.end()
  await all.clock.settle()
  t.same(first.seen.slice(0, 2), ['a', 'b'])
  t.same(second.seen, ['a', 'b', 'c', 'end'])
  all.received[1]!.reply('out')
  await all.clock.settle()
  t.equal(sent.outcome, 'out')
})

t.test('a source of which no more is wanted is closed, whether the call succeeds or fails', async (t) => {
  for (const succeeds of [true, false]) {
    const all = pair()
    const input = new ManualItems()
    all.send({ kind: 'client-stream', input })
    const { stop } = reading(all.received[0]!.call.input)
    input.push('a')
    await all.clock.settle()
    if (succeeds) all.received[0]!.reply('out')
    else all.received[0]!.fail('invalid_argument')
    stop()
    await all.clock.settle()
    t.ok(input.closed)
  }
})

for (const [limit, of] of [
  ['replayCallBytes', 'of one call'],
  ['replayBytes', 'of all calls'],
] as const)
  for (const off of [-1, 0, 1])
    t.test(`what is held for sending again is bounded: ${of}, ${off} off the limit`, async (t) => {
      // An item counts for its bytes and 64.
      const all = pair({ limits: { [limit]: 2 * (64 + 36) } })
      const input = new ManualItems()
      const sent = all.send({ kind: 'client-stream', input })
      const first = reading(all.received[0]!.call.input)
      input.push('x'.repeat(36))
      input.push('y'.repeat(36 + off))
      await all.clock.settle()
      t.equal(first.seen.length, 2, 'sending goes on')
      all.received[0]!.fail('unavailable', refused)
      await all.clock.advance(100)
      t.equal(all.received.length, off > 0 ? 1 : 2)
      t.equal(sent.outcome, off > 0 ? 'unavailable/overloaded/no' : 'goes on')
      for (const each of all.received.slice(1)) each.reply('')
      await all.clock.settle()
    })

t.test('room that was used is there again for the next call', async (t) => {
  const clock: VirtualClock = virtualClock()
  const all = mockPair(() => retry({ clock, limits: { replayBytes: 150 } }), clock)
  for (const end of ['reply', 'fail', 'reply'] as const) {
    const input = new ManualItems()
    all.send({ kind: 'client-stream', input })
    const { stop } = reading(all.received.at(-1)!.call.input)
    input.push('x'.repeat(80))
    await clock.settle()
    const before = all.received.length
    all.received.at(-1)!.fail('unavailable', refused)
    await clock.advance(100)
    t.equal(all.received.length, before + 1)
    if (end === 'reply') all.received.at(-1)!.reply('')
    else all.received.at(-1)!.fail('internal')
    stop()
    await clock.settle()
  }
})

t.test('bytes are the input of every attempt as they are', async (t) => {
  const all = pair()
  const input = bytes('in')
  all.send({ input })
  await failing(all, 1_000)
  t.ok(all.received.every(({ call }) => call.input === input))
})

t.test('bytes that were given away and moved are not there for another attempt', async (t) => {
  const all = pair()
  const input = give(bytes('in'))
  const sent = all.send({ input })
  structuredClone(input.buffer, { transfer: [input.buffer as ArrayBuffer] })
  all.received[0]!.fail('unavailable', refused)
  await all.clock.advance(1_000)
  t.equal(sent.outcome, 'unavailable/overloaded/no', 'and the error is that of the first')
  t.equal(all.received.length, 1)
})

t.test('nor are items', async (t) => {
  const all = pair()
  const input = new ManualItems()
  const sent = all.send({ kind: 'client-stream', input })
  const first = reading(all.received[0]!.call.input)
  input.push('a')
  const given = give(bytes('b'))
  input.push(given)
  await all.clock.settle()
  t.same(first.seen, ['a', 'b'])
  structuredClone(given.buffer, { transfer: [given.buffer as ArrayBuffer] })
  all.received[0]!.fail('unavailable', refused)
  await all.clock.advance(1_000)
  t.equal(sent.outcome, 'unavailable/overloaded/no')
  t.equal(all.received.length, 1)
  t.ok(input.closed)
})
