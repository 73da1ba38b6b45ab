/**
 * Where time, timers and random numbers come from. Logic reads no other clock, so that framing, deadlines, retries and
 * queues can be tested in virtual time.
 */
export interface Clock {
  /** Monotonic milliseconds from an arbitrary start, with fractions. Never wall-clock time. */
  now(): number
  /**
   * Runs `callback` once, `milliseconds` from now or later. Delays of any length work. Returns a handle for `clear`.
   */
  timer(milliseconds: number, callback: () => void): unknown
  clear(handle: unknown): void
  /**
   * Runs `callback` once this turn's promise jobs are done and the input that already waits has been delivered.
   */
  soon(callback: () => void): void
  /** A number in [0, 1). */
  random(): number
}

/**
 * Many coarse timers on one timer of the clock. Entries carry their own links, so adding and removing allocates nothing.
 */
export interface Timers {
  readonly clock: Clock
  /** Calls `entry.expire()` at `at` (clock milliseconds) or up to one tick (10 ms) later, never earlier. */
  add(entry: TimerEntry, at: number): void
  /** Removes an entry; one that is not there is left alone. */
  remove(entry: TimerEntry): void
}

/** What a {@link Timers} holds. The underscored links belong to it. */
export interface TimerEntry {
  expire(): void
  _at: number
  _next: TimerEntry | undefined
  _previous: TimerEntry | undefined
}

// setTimeout fires at once for delays it cannot hold, so longer ones are re-armed in slices.
const longestTimeout = 2 ** 31 - 1

interface Handle {
  native: ReturnType<typeof setTimeout> | undefined
}

interface Platform {
  readonly setImmediate?: (callback: () => void) => unknown
}

/** The real clock: `performance.now`, `setTimeout`, and `setImmediate` where it exists. */
export function systemClock(): Clock {
  const immediate = (globalThis as Platform).setImmediate
  // Node.js defines this global by a getter, which is too slow for every call.
  const time = performance
  return {
    now: () => time.now(),
    timer(milliseconds, callback) {
      const handle: Handle = { native: undefined }
      arm(handle, performance.now() + milliseconds, callback)
      return handle
    },
    clear(handle) {
      if (handle !== undefined) clearTimeout((handle as Handle).native)
    },
    soon: immediate === undefined ? soonByMicrotasks : (callback) => void immediate(callback),
    random: () => Math.random(),
  }
}

function arm(handle: Handle, at: number, callback: () => void): void {
  const left = at - performance.now()
  handle.native =
    left > longestTimeout
      ? setTimeout(() => arm(handle, at, callback), longestTimeout)
      : setTimeout(callback, Math.max(0, Math.ceil(left)))
}

// Browsers have no setImmediate. Two microtasks let the jobs of the same turn go first, and cost no timer clamping.
function soonByMicrotasks(callback: () => void): void {
  queueMicrotask(() => queueMicrotask(callback))
}
