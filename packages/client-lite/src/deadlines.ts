import type { Clock } from '@hawser/contract'

/** What has a deadline. */
export interface Expiring {
  /** Clock milliseconds. */
  readonly deadline: number
  expire(): void
}

const tickMs = 10

/** The deadlines of all calls, on one timer of the clock. Each is kept at its time or up to one tick later, never earlier. */
export class Deadlines {
  readonly #clock: Clock
  readonly #ticks = new Map<number, Set<Expiring>>()
  #timer: unknown
  #armedFor = Infinity

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(entry: Expiring): void {
    const tick = tickOf(entry)
    if (tick === Infinity) return
    const entries = this.#ticks.get(tick)
    if (entries) entries.add(entry)
    else this.#ticks.set(tick, new Set([entry]))
    if (tick < this.#armedFor) this.#arm(tick)
  }

  remove(entry: Expiring): void {
    const tick = tickOf(entry)
    const entries = this.#ticks.get(tick)
    if (entries?.delete(entry) && entries.size === 0) this.#ticks.delete(tick)
  }

  close(): void {
    this.#clock.clear(this.#timer)
  }

  #arm(tick: number): void {
    this.#clock.clear(this.#timer)
    this.#armedFor = tick
    if (tick !== Infinity)
      this.#timer = this.#clock.timer(tick * tickMs - this.#clock.now(), () => this.#fire())
  }

  #fire(): void {
    const now = this.#clock.now()
    this.#armedFor = Infinity
    const due = [...this.#ticks].filter(([tick]) => tick * tickMs <= now)
    for (const [tick] of due) this.#ticks.delete(tick)
    for (const [, entries] of due) for (const entry of entries) entry.expire()
    this.#arm(Math.min(...this.#ticks.keys()))
  }
}

function tickOf({ deadline }: Expiring): number {
  return Math.ceil(deadline / tickMs)
}
