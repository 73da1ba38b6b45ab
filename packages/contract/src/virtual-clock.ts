import type { Clock } from './clock.js'

/** A {@link Clock} that stands still until told to advance. */
export interface VirtualClock extends Clock {
  /**
   * Moves time forward, running every timer due on the way in order of time, and letting promise jobs and `soon`
   * callbacks settle after each. Resolves when time has arrived.
   */
  advance(milliseconds: number): Promise<void>
  /** Lets promise jobs and `soon` callbacks settle without moving time. */
  settle(): Promise<void>
  /** How many timers are waiting. */
  readonly pending: number
}

interface Waiting {
  readonly at: number
  readonly order: number
  readonly callback: () => void
}

/**
 * A clock for tests.
 * @param seed makes `random()` repeatable
 * @param turn resolves when what is under way may have gone on; to be given where more than promises has to settle, such as
 *   the streams of a platform
 */
export function virtualClock(seed = 1, turn?: () => Promise<void>): VirtualClock {
  let now = 0
  let order = 0
  let state = seed >>> 0 || 1
  const timers = new Set<Waiting>()
  let soon: (() => void)[] = []

  function next(until: number): Waiting | undefined {
    let first: Waiting | undefined
    for (const timer of timers) {
      if (timer.at > until) continue
      if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer
    }
    return first
  }

  // One for all turns: where promises are tracked, as in tests, making them is most of the work.
  const same = Promise.resolve()
  async function settle(): Promise<void> {
    // Chains of promises take several turns; a quiet stretch of them means that nothing is left to run.
    for (let quiet = 0; quiet < 20; quiet++) {
      await (turn ? turn() : same)
      if (soon.length === 0) continue
      const due = soon
      soon = []
      for (const callback of due) callback()
      quiet = 0
    }
  }

  return {
    now: () => now,
    timer(milliseconds, callback) {
      const timer = { at: now + Math.max(0, milliseconds), order: order++, callback }
      timers.add(timer)
      return timer
    },
    clear: (handle) => void timers.delete(handle as Waiting),
    soon: (callback) => void soon.push(callback),
    random() {
      // xorshift32, Marsaglia 2003: repeatable and good enough for jitter.
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      return (state >>> 0) / 2 ** 32
    },
    async advance(milliseconds) {
      const until = now + milliseconds
      await settle()
      for (let timer = next(until); timer; timer = next(until)) {
        timers.delete(timer)
        now = Math.max(now, timer.at)
        timer.callback()
        await settle()
      }
      now = until
    },
    settle,
    get pending() {
      return timers.size
    },
  }
}
