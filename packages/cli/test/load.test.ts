import { RpcError, type VirtualClock, virtualClock } from '@hawser/contract'
import t from 'tap'
import { closedLoop, type OpenResult, openLoop } from '../src/load.js'
import { Tally } from '../src/tally.js'

/** A server that answers after so many milliseconds, and not at all while it stalls. */
function server(
  clock: VirtualClock,
  takesMs: number,
  stall?: { readonly fromMs: number; readonly toMs: number },
) {
  const calls: number[] = []
  const began = clock.now()
  const call = () => {
    const now = clock.now() - began
    calls.push(now)
    const stalled = stall && now >= stall.fromMs && now < stall.toMs
    return new Promise<void>((resolve) => clock.timer((stalled ? stall.toMs - now : 0) + takesMs, resolve))
  }
  return { call, calls }
}

/** What a promise comes to, with the time it takes passing. */
async function through<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let done = false
  void promise.finally(() => {
    done = true
  })
  while (!done) await clock.advance(1)
  return await promise
}

t.test('an open loop calls at its rate, each call at its time', async (t) => {
  const clock = virtualClock()
  const { call, calls } = server(clock, 5)
  const tally = new Tally()
  const result = await through<OpenResult>(
    clock,
    openLoop({ clock, call, tally, durationMs: 1_000 }, 100, 1_000),
  )
  t.equal(calls.length, 100)
  t.ok(calls.every((at, index) => at >= index * 10 && at < index * 10 + 2))
  t.equal(tally.latency.count, 100)
  t.equal(result.unmade, 0)
})

t.test('an open loop makes several calls at once where the rate is higher than timers are', async (t) => {
  const clock = virtualClock()
  const { call, calls } = server(clock, 1)
  const run = openLoop({ clock, call, tally: new Tally(), durationMs: 100 }, 10_000, 10_000)
  await through(clock, run)
  t.equal(calls.length, 1_000)
})

t.test('a stall counts for all who would have come meanwhile: no omission is coordinated', async (t) => {
  const stall = { fromMs: 500, toMs: 1_500 }
  const open = virtualClock()
  const inOpen = new Tally()
  await through(
    open,
    openLoop(
      { clock: open, call: server(open, 1, stall).call, tally: inOpen, durationMs: 2_000 },
      100,
      1_000,
    ),
  )
  // A hundred of two hundred fell into the stall, and waited half a second on average.
  t.ok(inOpen.latency.percentile(75) > 450, `${inOpen.latency.percentile(75)}`)
  t.ok(inOpen.latency.percentile(49) < 5)

  const closed = virtualClock()
  const inClosed = new Tally()
  const { call } = server(closed, 1, stall)
  await through(closed, closedLoop({ clock: closed, call, tally: inClosed, durationMs: 2_000 }, 1))
  t.ok(inClosed.latency.percentile(99) < 5, 'a closed loop sees it once')
  t.ok(inClosed.latency.max > 900)
})

t.test(
  'calls that wait for a place are measured from their time, and those left at the end are told',
  async (t) => {
    const clock = virtualClock()
    const tally = new Tally()
    const { call, calls } = server(clock, 100)
    // Ten places and 100 ms each: a hundred calls a second, asked for two hundred.
    const result = await through<OpenResult>(
      clock,
      openLoop({ clock, call, tally, durationMs: 1_000 }, 200, 10),
    )
    t.equal(calls.length + result.unmade, 200)
    t.ok(calls.length >= 90 && calls.length <= 110, `${calls.length}`)
    t.ok(tally.latency.max > 500, `${tally.latency.max}`)
    t.ok(tally.lateness.max > 400, `${tally.lateness.max}`)
  },
)

t.test('a closed loop keeps as many calls under way as it is told, and no more', async (t) => {
  const clock = virtualClock()
  let underWay = 0
  let most = 0
  const tally = new Tally()
  const call = async () => {
    most = Math.max(most, ++underWay)
    await new Promise<void>((resolve) => clock.timer(10, resolve))
    underWay--
  }
  const tookMs = await through(clock, closedLoop({ clock, call, tally, durationMs: 100 }, 8))
  t.equal(most, 8)
  t.equal(tally.calls, 80)
  t.ok(tookMs >= 100 && tookMs < 120)
})

t.test('a number of calls ends either loop', async (t) => {
  const clock = virtualClock()
  const tallies = [new Tally(), new Tally()] as const
  const { call } = server(clock, 1)
  await through(clock, closedLoop({ clock, call, tally: tallies[0], durationMs: 60_000, count: 7 }, 16))
  await through(clock, openLoop({ clock, call, tally: tallies[1], durationMs: 60_000, count: 7 }, 1_000, 100))
  t.same(
    tallies.map(({ calls }) => calls),
    [7, 7],
  )
})

t.test('failures are counted by code and reason, apart from the times', async (t) => {
  const clock = virtualClock()
  const tally = new Tally()
  const call = async (number: number) => {
    await new Promise<void>((resolve) => clock.timer(1, resolve))
    if (number % 2 === 0) throw new RpcError('unavailable', `full ${number}`, { reason: 'overloaded' })
    if (number === 1) throw new Error('odd')
  }
  await through(clock, closedLoop({ clock, call, tally, durationMs: 60_000, count: 10 }, 1))
  t.same(
    [...tally.errors],
    [
      ['unavailable/overloaded', { count: 5, message: 'full 0' }],
      ['internal', { count: 1, message: 'odd' }],
    ],
  )
  t.equal(tally.failed, 6)
  t.equal(tally.latency.count, 4)
})

t.test('an interruption ends either loop with the calls that are under way', async (t) => {
  const clock = virtualClock()
  const { call } = server(clock, 50)
  const controller = new AbortController()
  const { signal } = controller
  const tallies = [new Tally(), new Tally()] as const
  const both = Promise.all([
    closedLoop({ clock, call, tally: tallies[0], durationMs: 60_000, signal }, 2),
    openLoop({ clock, call, tally: tallies[1], durationMs: 60_000, signal }, 100, 100),
  ])
  await clock.advance(75)
  controller.abort()
  await through(clock, both)
  t.equal(tallies[0].calls, 4)
  t.ok(tallies[1].calls >= 7 && tallies[1].calls <= 8)
})
