import type { Clock } from '@hawser/contract'
import type { Tally } from './tally.js'

/** How calls are made, and for how long. */
export interface LoadOptions {
  readonly clock: Clock
  /** Makes the nth call, from 0. */
  call(number: number): Promise<unknown>
  readonly tally: Tally
  readonly durationMs: number
  /** The most calls; default no end but that of the time. */
  readonly count?: number | undefined
  /** Makes no further calls. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Keeps so many calls going: the next begins when one has ended. So a slow server is asked less, and its worst times are
 * seen but once per caller.
 * @returns the milliseconds it took, until the last call ended
 */
export async function closedLoop(options: LoadOptions, concurrency: number): Promise<number> {
  const { clock, call, tally, durationMs, count = Infinity, signal } = options
  const began = clock.now()
  let made = 0
  const caller = async () => {
    for (;;) {
      const due = clock.now()
      if (made >= count || due - began >= durationMs || signal?.aborted) return
      try {
        await call(made++)
        tally.answered(clock.now() - due)
      } catch (error) {
        tally.failedWith(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, caller))
  return clock.now() - began
}

/** How an {@link openLoop} went. */
export interface OpenResult {
  readonly tookMs: number
  /** Calls that were due, and not made: there were too many under way until the end. */
  readonly unmade: number
}

/**
 * Calls at a rate, whatever becomes of the calls before: each has a time at which it is due, and is measured from that, even
 * where it could only be made later. So what a stalled server would have done to users in the meantime is in the figures.
 * @param rate calls a second
 * @param most calls under way; further ones wait, and their time counts
 */
export function openLoop(options: LoadOptions, rate: number, most: number): Promise<OpenResult> {
  return new Promise((resolve) => new OpenLoop(options, rate, most, resolve).run())
}

class OpenLoop {
  readonly #options: LoadOptions
  readonly #gapMs: number
  readonly #most: number
  readonly #due: number
  readonly #began: number
  readonly #done: (result: OpenResult) => void
  #made = 0
  #underWay = 0
  #full = false
  #finished = false
  #timer: unknown

  constructor(options: LoadOptions, rate: number, most: number, done: (result: OpenResult) => void) {
    const { durationMs, count = Infinity, clock, signal } = options
    this.#options = options
    this.#gapMs = 1_000 / rate
    this.#most = most
    this.#due = Math.min(count, Math.ceil((durationMs * rate) / 1_000))
    this.#began = clock.now()
    this.#done = done
    signal?.addEventListener('abort', () => this.run(), { once: true })
  }

  /** Makes all calls that are due, and comes back for the next. */
  run(): void {
    if (this.#finished) return
    const { clock, signal, durationMs } = this.#options
    const now = clock.now()
    clock.clear(this.#timer)
    while (this.#made < this.#due && this.#dueAt(this.#made) <= now && this.#underWay < this.#most)
      this.#make(now)
    const endAt = this.#began + durationMs
    // What could not be made in time is not made after it, either.
    if (this.#made >= this.#due || now >= endAt || signal?.aborted) {
      this.#finished = true
      this.#settle()
      return
    }
    this.#full = this.#underWay >= this.#most
    const nextAt = this.#full ? endAt : Math.min(endAt, this.#dueAt(this.#made))
    this.#timer = clock.timer(nextAt - now, () => this.run())
  }

  #make(now: number): void {
    const { call, tally, clock } = this.#options
    const due = this.#dueAt(this.#made)
    tally.lateness.record(now - due)
    this.#underWay++
    call(this.#made++).then(
      () => this.#ended(() => tally.answered(clock.now() - due)),
      (error) => this.#ended(() => tally.failedWith(error)),
    )
  }

  #ended(record: () => void): void {
    this.#underWay--
    record()
    if (this.#finished) this.#settle()
    else if (this.#full) this.run()
  }

  #settle(): void {
    const { clock } = this.#options
    if (this.#underWay === 0)
      this.#done({ tookMs: clock.now() - this.#began, unmade: this.#due - this.#made })
  }

  #dueAt(number: number): number {
    return this.#began + number * this.#gapMs
  }
}
