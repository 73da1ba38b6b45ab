import { harness } from '@hawser/compliance/harness'
import { defaultLimits, RpcError, virtualClock } from '@hawser/contract'
import t from 'tap'
import { Churn } from '../src/churn.js'

harness(t)

const still = () => Object.assign(virtualClock(), { random: () => 0.5 })

t.test('connections that end at once are made with growing waits, from the second on', async (t) => {
  const clock = still()
  const churn = new Churn(clock, defaultLimits)
  t.equal(churn.waitMs, 0, 'the first one')
  const waits: number[] = []
  for (let round = 0; round < 14; round++) {
    churn.ready()
    await clock.advance(1)
    churn.ended()
    waits.push(churn.waitMs)
    await clock.advance(churn.waitMs)
    t.equal(churn.waitMs, 0, 'counted from the end')
  }
  t.same(waits, [0, 50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000, 30_000])
})

t.test('one that lived for a while begins anew', async (t) => {
  const clock = still()
  const churn = new Churn(clock, defaultLimits)
  const lives = async (milliseconds: number) => {
    churn.ready()
    await clock.advance(milliseconds)
    churn.ended()
    return churn.waitMs
  }
  for (let round = 0; round < 5; round++) await lives(1)
  t.equal(await lives(399), 800, 'shorter than the wait before it')
  t.equal(await lives(800), 0)
  for (let round = 0; round < 20; round++) await lives(1)
  t.equal(await lives(defaultLimits.reconnectResetMs), 0, 'long enough, however long it was waited for')
  t.equal(await lives(199), 0, 'once is no habit')
})

t.test('an end that is told twice is one, and a dial that fails is none', async (t) => {
  const churn = new Churn(still(), defaultLimits)
  churn.ended()
  churn.ready()
  churn.ended()
  churn.ended()
  t.equal(churn.waitMs, 0)
})

t.test('who is refused for good is told so while it is waited, and asked again after that', async (t) => {
  const clock = still()
  const churn = new Churn(clock, defaultLimits)
  const refused = new RpcError('unauthenticated', 'no', { reason: 'unauthenticated' })
  const ends = (reason: RpcError) => {
    churn.ready()
    churn.ended(reason)
  }
  ends(refused)
  t.equal(churn.refusal, undefined, 'once is no habit')
  ends(refused)
  t.match(churn.refusal, { code: 'unauthenticated', executed: 'no', retryable: false })
  await clock.advance(50)
  t.equal(churn.refusal, undefined)
  ends(new RpcError('unavailable', 'bye', { reason: 'draining', retryable: true }))
  t.ok(churn.waitMs > 0)
  t.equal(churn.refusal, undefined, 'worth waiting for')
})
