import type { Clock, TimerEntry, Timers } from '@hawser/contract'

/** Milliseconds per tick: what deadlines are rounded up to. */
export const tickMs = 10

const bits = 6
const slots = 1 << bits
const mask = slots - 1
// 64 slots to the level: 0.64 s, 41 s, 44 min, 46 h. Later entries wait in the last level and are placed anew.
const levels = 4
const horizon = slots ** levels - 1
// Ticks per slot of each level: raising to a power is too slow for every call.
const widths: readonly number[] = Array.from({ length: levels + 1 }, (_, level) => slots ** level)

class Slot implements TimerEntry {
  _at = 0
  _next: TimerEntry | undefined = this
  _previous: TimerEntry | undefined = this
  expire(): void {}
}

/**
 * A hierarchical timing wheel (Varghese and Lauck, 1987) on one timer of the clock: adding and removing cost the same
 * few steps however many entries wait, and nothing wakes the process while none is near.
 *
 * Entries expire one pass over the waiting input after their time, so that an answer which arrived before the deadline
 * wins even when the process was too busy to read it.
 */
export class TimerWheel implements Timers {
  readonly clock: Clock
  readonly #levels: Slot[][] = Array.from({ length: levels }, () =>
    Array.from({ length: slots }, () => new Slot()),
  )
  #tick = 0
  #count = 0
  #timer: unknown
  #armedFor = Infinity
  #advancing = false
  #sweeping = false
  #closed = false

  constructor(clock: Clock) {
    this.clock = clock
  }

  add(entry: TimerEntry, at: number): void {
    if (entry._next) this.remove(entry)
    // In the middle of an advance the slot being emptied must not come to mean a later tick.
    if (this.#count === 0 && !this.#advancing) this.#tick = Math.floor(this.clock.now() / tickMs)
    this.#count++
    const due = Math.max(Math.ceil(at / tickMs), this.#tick + 1)
    entry._at = due
    this.#place(entry)
    if (due < this.#armedFor && !this.#advancing && !this.#closed) this.#arm(due)
  }

  remove(entry: TimerEntry): void {
    if (!entry._next) return
    unlink(entry)
    if (--this.#count === 0 && !this.#advancing) this.#sweepSoon()
  }

  /** Forgets the timer. Entries that still wait never expire. */
  close(): void {
    this.#closed = true
    this.#disarm()
  }

  // A timer that nothing waits for must not keep a process from ending. Calls may come and go many times a turn, so this
  // is seen to once, when the turn is over.
  #sweepSoon(): void {
    if (this.#sweeping || this.#timer === undefined) return
    this.#sweeping = true
    this.clock.soon(() => {
      this.#sweeping = false
      if (this.#count === 0) this.#disarm()
    })
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.clock.clear(this.#timer)
    this.#timer = undefined
    this.#armedFor = Infinity
  }

  #place(entry: TimerEntry): void {
    const due = Math.min(entry._at, this.#tick + horizon)
    const away = due - this.#tick
    let level = 0
    while (away >= widths[level + 1]!) level++
    const slot = this.#levels[level]![Math.floor(due / widths[level]!) & mask]!
    const last = slot._previous!
    last._next = entry
    entry._previous = last
    entry._next = slot
    slot._previous = entry
  }

  #arm(tick: number): void {
    if (this.#timer !== undefined) this.clock.clear(this.#timer)
    this.#armedFor = tick
    this.#timer = this.clock.timer(Math.max(0, tick * tickMs - this.clock.now()), () => {
      this.#timer = undefined
      this.clock.soon(() => this.#advance())
    })
  }

  #advance(): void {
    if (this.#closed) return
    this.#advancing = true
    const target = Math.floor(this.clock.now() / tickMs)
    while (this.#tick < target && this.#count > 0 && !this.#closed) {
      // A process that slept does not walk through every tick it missed.
      const next = target - this.#tick > slots ? this.#nextEvent() : this.#tick + 1
      this.#tick = Math.min(next, target)
      for (let level = 1; level < levels && this.#tick % widths[level]! === 0; level++) this.#cascade(level)
      this.#expire(this.#levels[0]![this.#tick & mask]!)
    }
    this.#advancing = false
    this.#armedFor = Infinity
    if (this.#count > 0 && !this.#closed) this.#arm(this.#nextEvent())
  }

  #expire(slot: Slot): void {
    for (let entry = slot._next!; entry !== slot && !this.#closed; entry = slot._next!) {
      unlink(entry)
      this.#count--
      try {
        entry.expire()
      } catch (error) {
        // Still nobody's to catch, but it must not take the deadlines of all others with it.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  #cascade(level: number): void {
    const slot = this.#levels[level]![Math.floor(this.#tick / widths[level]!) & mask]!
    for (let entry = slot._next!; entry !== slot; entry = slot._next!) {
      unlink(entry)
      // Due right now: the slot of this very tick is emptied after the cascade.
      this.#place(entry)
    }
  }

  // The next tick at which something expires or moves down a level.
  #nextEvent(): number {
    let next = Infinity
    for (let level = 0; level < levels; level++) {
      const width = widths[level]!
      const here = Math.floor(this.#tick / width)
      for (let step = 1; step <= slots; step++) {
        const slot = this.#levels[level]![(here + step) & mask]!
        if (slot._next === slot) continue
        next = Math.min(next, (here + step) * width)
        break
      }
    }
    return next
  }
}

function unlink(entry: TimerEntry): void {
  const previous = entry._previous!
  const next = entry._next!
  previous._next = next
  next._previous = previous
  entry._next = undefined
  entry._previous = undefined
}
