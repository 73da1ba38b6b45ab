import { harness } from '@hawser/compliance/harness'
import { virtualClock } from '@hawser/contract'
import t from 'tap'
import { type LoadShedOptions, loadShed, loopLag } from '../src/load-shed/index.js'
import { mockPair } from './support/mock-pair.js'

harness(t)

/** A process whose load is what the driver says it is. */
function loaded(options: LoadShedOptions = {}) {
  const load = { lagMs: 0, heapShare: 0 }
  const states: string[] = []
  const pair = mockPair((clock) =>
    loadShed({
      clock,
      lagMs: () => load.lagMs,
      heapShare: () => load.heapShare,
      onChange: (state) => states.push(state),
      ...options,
    }),
  )
  return {
    ...pair,
    states,
    /** What becomes of a call under such a load, a look later. */
    async at(now: Partial<typeof load>, method = '/m'): Promise<string> {
      Object.assign(load, now)
      await pair.clock.advance(50)
      const before = pair.received.length
      const sent = pair.send({ method })
      if (pair.received.length > before) pair.received.at(-1)!.reply('taken')
      await pair.clock.settle()
      return sent.outcome
    },
  }
}
const refused = 'resource_exhausted/overloaded/no'

t.test('F20 memory: refused at 0.85, all of it at 0.95, and back with hysteresis', async (t) => {
  const { at, states } = loaded({ urgent: ({ method }) => method === '/urgent' })
  for (const [heapShare, taken, urgentTaken] of [
    [0.84, true, true],
    [0.85, false, true],
    [0.8, false, true],
    [0.94, false, true],
    [0.95, false, false],
    [0.86, false, false],
    [0.84, false, true],
    [0.76, false, true],
    [0.74, true, true],
    [0.84, true, true],
    [0.99, false, false],
    [0.1, true, true],
  ] as const) {
    t.equal(await at({ heapShare }), taken ? 'taken' : refused, `${heapShare}`)
    t.equal(await at({ heapShare }, '/urgent'), urgentTaken ? 'taken' : refused, `${heapShare}, urgent`)
  }
  t.same(states, ['refusing', 'stopped', 'refusing', 'open', 'stopped', 'open'])
})

t.test('a loop that is late refuses until it is late by half', async (t) => {
  const { at } = loaded()
  t.equal(await at({ lagMs: 200 }), 'taken')
  t.equal(await at({ lagMs: 201 }), refused)
  t.equal(await at({ lagMs: 101 }), refused)
  t.equal(await at({ lagMs: 100 }), 'taken')
  t.equal(await at({ lagMs: 200 }), 'taken')
})

t.test('calls under way go on', async (t) => {
  const { at, send, received, clock } = loaded()
  const sent = send()
  t.equal(await at({ heapShare: 1 }), refused)
  received[0]!.reply('done')
  await clock.settle()
  t.equal(sent.outcome, 'done')
})

t.test('load is looked at now and then, not for every call', async (t) => {
  let looks = 0
  const { send, received, clock } = mockPair((clock) => loadShed({ clock, lagMs: () => looks++ * 0 }))
  for (let n = 0; n < 1_000; n++) {
    send()
    await clock.advance(1)
  }
  t.equal(looks, 20)
  t.equal(clock.pending, 0, 'and no timer is needed')
  for (const each of received) each.reply('')
})

t.test('the lag of the loop is how long what waits in it takes', async (t) => {
  let now = 0
  const clock = { ...virtualClock(), now: () => now }
  const lag = loopLag(clock)
  t.equal(lag(), 0, 'nothing is known')
  now += 300
  await clock.settle()
  t.equal(lag(), 300)
  await clock.settle()
  t.equal(lag(), 0)
  now += 300
  await clock.settle()
  now += 2_000
  t.equal(lag(), 0, 'what was long ago does not count')
  await clock.settle()
})

t.test('what makes no sense is refused', async (t) => {
  for (const options of [{ maxLagMs: 0 }, { refuseAt: 0.96 }, { stopAt: 2 }, { everyMs: -1 }])
    t.throws(() => loadShed(options), TypeError)
})

t.test('refused until the next look at the least, which is said', async (t) => {
  const { at, send, clock } = loaded()
  t.equal(await at({ lagMs: 500 }), refused)
  for (const [ms, left] of [
    [0, 50],
    [49, 1],
  ] as const) {
    await clock.advance(ms)
    const sent = send()
    await clock.settle()
    t.match(sent.error, { retryAfterMs: left, retryable: true })
  }
})
