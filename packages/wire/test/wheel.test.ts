import { type Clock, type TimerEntry, virtualClock } from '@hawser/contract'
import fc from 'fast-check'
import t from 'tap'
import { TimerWheel, tickMs } from '../src/wheel.js'

class Entry implements TimerEntry {
  _at = 0
  _next: TimerEntry | undefined = undefined
  _previous: TimerEntry | undefined = undefined
  wanted = 0
  readonly expired: number[] = []
  readonly #now: () => number
  readonly #then: (() => void) | undefined
  constructor(now: () => number, then?: () => void) {
    this.#now = now
    this.#then = then
  }
  expire(): void {
    this.expired.push(this.#now())
    this.#then?.()
  }
}

t.test('an entry expires at its time or up to one tick later, never earlier', async (t) => {
  for (const at of [0, 1, 9.5, 10, 639, 640, 641, 40_960, 2_621_440, 2_621_441, 167_772_160]) {
    const clock = virtualClock()
    const wheel = new TimerWheel(clock)
    const entry = new Entry(clock.now)
    wheel.add(entry, at)
    await clock.advance(at + tickMs)
    t.equal(entry.expired.length, 1, `${at}`)
    t.ok(entry.expired[0]! >= at && entry.expired[0]! <= at + tickMs, `${at} at ${entry.expired[0]}`)
    t.equal(clock.pending, 0, 'and nothing wakes the process any more')
  }
})

t.test('F22 an entry beyond 2^31 ms expires on time', async (t) => {
  const clock = virtualClock()
  const wheel = new TimerWheel(clock)
  const entry = new Entry(clock.now)
  const at = 2 ** 31 + 12_345
  wheel.add(entry, at)
  await clock.advance(at - 1)
  t.equal(entry.expired.length, 0)
  await clock.advance(1 + tickMs)
  t.equal(entry.expired.length, 1)
})

t.test('an entry that is added again is there once, at its new time', async (t) => {
  const clock = virtualClock()
  const wheel = new TimerWheel(clock)
  const entry = new Entry(clock.now)
  wheel.add(entry, 100)
  wheel.add(entry, 300)
  await clock.advance(200)
  t.same(entry.expired, [])
  await clock.advance(200)
  t.same(entry.expired, [300])
  wheel.remove(entry)
  wheel.remove(entry)
})

t.test('an entry that waits forever keeps no other from its time', async (t) => {
  const clock = virtualClock()
  const wheel = new TimerWheel(clock)
  wheel.add(new Entry(clock.now), Infinity)
  const entry = new Entry(clock.now)
  wheel.add(entry, 50)
  await clock.advance(60)
  t.same(entry.expired, [50])
  wheel.close()
})

t.test('when the last entry is removed nothing is left to wake the process', async (t) => {
  const clock = virtualClock()
  const wheel = new TimerWheel(clock)
  const entry = new Entry(clock.now)
  for (let turn = 0; turn < 3; turn++) {
    for (let call = 0; call < 10; call++) {
      wheel.add(entry, clock.now() + 5_000)
      wheel.remove(entry)
    }
    await clock.settle()
    t.equal(clock.pending, 0)
    await clock.advance(777)
  }
  wheel.add(entry, clock.now() + 50)
  wheel.remove(entry)
  const other = new Entry(clock.now)
  wheel.add(other, clock.now() + 60)
  await clock.advance(70)
  t.same([entry.expired.length, other.expired.length], [0, 1], 'what comes after it is not lost')
  t.equal(clock.pending, 0)
})

interface Step {
  readonly entry: number
  readonly at: number | undefined
  readonly waitMs: number
}

/** A virtual clock without promises: the wheel makes none that would have to be waited for. */
function directClock(): Clock & { advance(milliseconds: number): void; readonly pending: number } {
  let now = 0
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>()
  const soon: (() => void)[] = []
  return {
    now: () => now,
    timer(milliseconds, callback) {
      const timer = { at: now + milliseconds, callback }
      timers.add(timer)
      return timer
    },
    clear: (handle) => void timers.delete(handle as never),
    soon: (callback) => void soon.push(callback),
    random: () => 0,
    get pending() {
      return timers.size
    },
    advance(milliseconds) {
      const until = now + milliseconds
      for (;;) {
        for (const callback of soon.splice(0)) callback()
        const next = [...timers].reduce<number>((first, { at }) => Math.min(first, at), Infinity)
        if (next > until) break
        now = Math.max(now, next)
        for (const timer of timers)
          if (timer.at <= now) {
            timers.delete(timer)
            timer.callback()
          }
      }
      now = until
    },
  }
}

// Delays around every level's width, so that slots and cascades are all met.
const delay = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -50, max: 2_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 60_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 400_000 }) },
)
const step: fc.Arbitrary<Step> = fc.record({
  entry: fc.integer({ min: 0, max: 199 }),
  at: fc.option(delay, { nil: undefined, freq: 4 }),
  waitMs: fc.oneof(
    { weight: 150, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 300 }) },
    { weight: 1, arbitrary: fc.integer({ min: 300, max: 100_000 }) },
  ),
})

t.test('100,000 random adds and removes agree with a model', async (t) => {
  let steps = 0
  fc.assert(
    fc.property(fc.array(step, { minLength: 2_000, maxLength: 2_000 }), (list) => {
      const clock = directClock()
      const wheel = new TimerWheel(clock)
      const entries = Array.from({ length: 200 }, () => new Entry(clock.now))
      const model = new Map<Entry, number>()
      const check = () => {
        const now = clock.now()
        for (const entry of entries) {
          for (const expired of entry.expired.splice(0)) {
            const wanted = model.get(entry)
            if (wanted === undefined) throw new Error('expired without being there')
            if (expired < wanted) throw new Error(`early: ${expired} for ${wanted}`)
            if (expired > Math.max(wanted, entry.wanted) + tickMs)
              throw new Error(`late: ${expired} for ${wanted}`)
            model.delete(entry)
          }
        }
        for (const [entry, wanted] of model)
          if (now > Math.max(wanted, entry.wanted) + tickMs) throw new Error(`never: ${wanted} at ${now}`)
      }
      for (const { entry: index, at, waitMs } of list) {
        const entry = entries[index]!
        steps++
        if (at === undefined) {
          wheel.remove(entry)
          model.delete(entry)
        } else {
          wheel.add(entry, clock.now() + at)
          model.set(entry, clock.now() + at)
          // What is added with a time that has passed counts from now.
          entry.wanted = clock.now()
        }
        if (waitMs > 0) {
          clock.advance(waitMs)
          check()
        }
      }
      clock.advance(400_000 + tickMs)
      check()
      if (model.size > 0) throw new Error('entries are left')
      if (clock.pending > 0) throw new Error('a timer is left')
    }),
    { numRuns: 50, seed: 7 },
  )
  t.equal(steps >= 100_000, true, `${steps} steps`)
})

t.test('entries may add and remove entries, themselves too, while expiring', async (t) => {
  const clock = virtualClock()
  const wheel = new TimerWheel(clock)
  const other = new Entry(clock.now)
  const again = new Entry(clock.now, () => {
    wheel.remove(other)
    if (again.expired.length < 3) wheel.add(again, clock.now() + 5)
  })
  wheel.add(again, 10)
  wheel.add(other, 10)
  await clock.advance(100)
  t.same(again.expired, [10, 20, 30])
  t.same(other.expired, [], 'removed by its neighbour in the same slot')
})

t.test('what is added while a late wheel catches up is not taken for what was due', async (t) => {
  const clock = virtualClock()
  const wheel = new TimerWheel(clock)
  const again = new Entry(clock.now)
  // The process is held up for 500 ms between the timer and the pass over the wheel.
  const late = new Entry(clock.now, () => wheel.add(again, clock.now() + 135))
  wheel.add(late, 1_000)
  const { now } = clock
  let skew = 0
  Object.assign(clock, { now: () => now() + skew })
  clock.timer(999, () => {
    skew = 501
  })
  await clock.advance(1_000)
  t.same(late.expired.length, 1)
  t.same(again.expired, [], 'not yet')
  await clock.advance(150)
  t.equal(again.expired.length, 1)
})

t.test('an entry that throws takes no other with it', async (t) => {
  const clock = virtualClock()
  const wheel = new TimerWheel(clock)
  const thrown: unknown[] = []
  const catching = (error: unknown) => void thrown.push(error)
  process.once('uncaughtException', catching)
  wheel.add(
    new Entry(clock.now, () => {
      throw new Error('from an entry')
    }),
    10,
  )
  const others = [new Entry(clock.now), new Entry(clock.now)]
  wheel.add(others[0]!, 10)
  wheel.add(others[1]!, 5_000)
  await clock.advance(6_000)
  await new Promise((resolve) => setImmediate(resolve))
  process.off('uncaughtException', catching)
  t.match(thrown, [{ message: 'from an entry' }], 'it is nobody else’s either')
  t.same(
    others.map(({ expired }) => expired.length),
    [1, 1],
  )
})

t.test('a closed wheel arms nothing and expires nothing, also when closed by an entry', async (t) => {
  const clock = virtualClock()
  const wheel = new TimerWheel(clock)
  const before = new Entry(clock.now)
  wheel.add(before, 10)
  wheel.close()
  wheel.add(new Entry(clock.now), 20)
  t.equal(clock.pending, 0)
  await clock.advance(100)
  t.same(before.expired, [])

  const other = new TimerWheel(clock)
  const after = new Entry(clock.now)
  other.add(new Entry(clock.now, () => other.close()), clock.now() + 10)
  other.add(after, clock.now() + 10)
  await clock.advance(100)
  t.same(after.expired, [])
  t.equal(clock.pending, 0)
})
