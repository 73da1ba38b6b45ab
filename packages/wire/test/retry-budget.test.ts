import { limitsWith, RpcError, virtualClock } from '@hawser/contract'
import fc from 'fast-check'
import t from 'tap'
import { backoff, RetryBudget, redirects, waitBefore } from '../src/retry-budget.js'

const rules = { retryShare: 0.2, retryRate: 1, retryWindowMs: 10_000 }

function budgetOf(limits: Partial<typeof rules> = {}) {
  const clock = virtualClock()
  const budget = new RetryBudget(clock, limitsWith({ ...rules, ...limits }))
  return {
    clock,
    calls(count: number): void {
      for (let n = 0; n < count; n++) budget.counted()
    },
    /** How many retries are left; they are taken. */
    drain(): number {
      let taken = 0
      while (budget.take()) taken++
      return taken
    },
    take: () => budget.take(),
  }
}

t.test('without calls there are the retries of the rate, and no more', async (t) => {
  const { drain, clock } = budgetOf()
  t.equal(drain(), 10, '1 a second over 10 s')
  await clock.advance(9_999)
  t.equal(drain(), 0)
})

t.test('calls bring their share, rounded up to a whole retry', async (t) => {
  for (const [calls, retries] of [
    [0, 0],
    [1, 1],
    [4, 1],
    [5, 1],
    [6, 2],
    [100, 20],
  ] as const) {
    const budget = budgetOf({ retryRate: 0 })
    budget.calls(calls)
    t.equal(budget.drain(), retries, `${calls}`)
  }
})

t.test('a refusal takes nothing', async (t) => {
  const { calls, drain, take } = budgetOf({ retryRate: 0 })
  calls(5)
  t.equal(drain(), 1)
  for (let n = 0; n < 100; n++) t.notOk(take())
  calls(5)
  t.equal(drain(), 1, 'five calls later there is one more')
})

t.test('what was before the last window still counts, what was before that does not', async (t) => {
  const { calls, drain, clock } = budgetOf({ retryRate: 0 })
  calls(100)
  await clock.advance(10_000)
  t.equal(drain(), 20, 'the calls of the window before')
  await clock.advance(10_000)
  t.equal(drain(), 0)
  calls(10)
  await clock.advance(10_000)
  t.equal(drain(), 2, 'the retries of the first are forgotten, too')
  await clock.advance(20_000)
  t.equal(drain(), 0)
})

t.test('calls count however long none of them failed', async (t) => {
  const { calls, drain, clock } = budgetOf({ retryRate: 0 })
  for (let second = 0; second < 100; second++) {
    calls(50)
    await clock.advance(1_000)
  }
  t.equal(drain(), 100, 'a fifth of those of a window')
  await clock.advance(3_600_000)
  calls(1)
  t.equal(drain(), 1, 'and not those of long ago')
})

t.test('a pause brings the rate back, once', async (t) => {
  const { drain, clock } = budgetOf()
  t.equal(drain(), 10)
  await clock.advance(3_600_000)
  t.equal(drain(), 10)
})

t.test('nothing may be retried where the limits say so, and everything where they say that', async (t) => {
  const none = budgetOf({ retryShare: 0, retryRate: 0 })
  none.calls(1_000)
  t.equal(none.drain(), 0)
  const all = budgetOf({ retryShare: 1, retryRate: 0 })
  all.calls(1_000)
  t.equal(all.drain(), 1_000)
})

t.test('whatever happens, a call pays for its share twice at the most', async () => {
  const step = fc.record({
    made: fc.nat({ max: 50 }),
    tries: fc.nat({ max: 50 }),
    ms: fc.oneof(fc.nat({ max: 3_000 }), fc.nat({ max: 40_000 })),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { calls, take, clock } = budgetOf()
      let made = 0
      let taken = 0
      for (const step of steps) {
        calls(step.made)
        made += step.made
        for (let n = 0; n < step.tries; n++) if (take()) taken++
        const pairs = clock.now() / 20_000 + 1
        if (taken > 2 * 0.2 * made + 11 * pairs) throw new Error(`${taken} retries of ${made} calls`)
        await clock.advance(step.ms)
      }
    }),
  )
})

t.test('waits grow from one to the next up to the most, and vary by their share', async (t) => {
  const limits = limitsWith({ backoffMs: 50, backoffFactor: 2, backoffMaxMs: 1_000, backoffJitter: 0.2 })
  for (const random of [0, 0.5, 0.999_999]) {
    const clock = { ...virtualClock(), random: () => random }
    for (const [attempts, ms] of [
      [1, 50],
      [2, 100],
      [5, 800],
      [6, 1_000],
      [2_000, 1_000],
    ] as const)
      t.ok(Math.abs(backoff(attempts, clock, limits) - ms * (0.8 + 0.4 * random)) < 1e-6, `${attempts}`)
  }
})

t.test('what is asked for lengthens a wait, as far as the call has time', async (t) => {
  const clock = virtualClock()
  await clock.advance(1_000)
  const limits = limitsWith({ backoffJitter: 0, retryAfterMaxMs: 30_000 })
  const wait = (afterMs: number, timeoutMs: number) =>
    waitBefore(clock.now() + timeoutMs, afterMs, 1, clock, limits)
  t.equal(wait(0, 5_000), 50)
  t.equal(wait(49, 5_000), 50)
  t.equal(wait(51, 5_000), 51)
  t.equal(wait(4_999, 5_000), 4_999)
  for (const late of [5_000, 5_001, 365 * 86_400_000, Infinity]) t.equal(wait(late, 5_000), undefined)
  t.equal(wait(0, 50), undefined, 'nor is there any for the backoff alone')
  t.equal(wait(100_000, 200_000), 100_000, 'as long as the caller has said')
  for (const [afterMs, waits] of [
    [29_999, 29_999],
    [30_000, 30_000],
    [30_001, undefined],
    [Infinity, undefined],
  ] as const)
    t.equal(wait(afterMs, Infinity), waits, `${afterMs} without a deadline`)
})

t.test('a redirection is for what was not run because its connection went away', async (t) => {
  const is = (options: ConstructorParameters<typeof RpcError>[2]) =>
    redirects(new RpcError('unavailable', '', options))
  for (const reason of ['draining', 'closed', 'idle', 'connection_lost'] as const) {
    t.ok(is({ executed: 'no', reason }))
    t.notOk(is({ executed: 'maybe', retryable: true, reason }))
    t.notOk(is({ executed: 'no', retryable: false, reason }))
  }
  for (const reason of ['unreachable', 'overloaded', 'circuit_open', undefined] as const)
    t.notOk(is({ executed: 'no', reason }))
})
