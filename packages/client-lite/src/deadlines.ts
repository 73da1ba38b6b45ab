import type { Clock } from '@hawser/contract'

/** What has a deadline. */
export interface Expiring {
  /** Clock milliseconds; Infinity for none. */
  readonly deadline: number
  expire(): void
}

const tickMs = 10

/** Calls that go on, by their deadlines, on one timer of the clock. Each expires in time or up to one tick later. */
export class Deadlines<T extends Expiring> {
  readonly #clock: Clock
  readonly #ticks = new Map<number, Set<T>>()
  #timer: unknown
  #armedFor = Infinity

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(call: T): void {
    const tick = tickOf(call)
    const calls = this.#ticks.get(tick)
    if (calls) calls.add(call)
    else this.#ticks.set(tick, new Set([call]))
    if (tick < this.#armedFor) this.#arm(tick)
  }

  delete(call: T): void {
    const tick = tickOf(call)
    const calls = this.#ticks.get(tick)
    if (calls?.delete(call) && calls.size === 0) this.#ticks.delete(tick)
  }

  /** All of them. */
  values(): T[] {
    return [...this.#ticks.values()].flatMap((calls) => [...calls])
  }

  close(): void {
    this.#clock.clear(this.#timer)
  }

  #arm(tick: number): void {
    this.close()
    this.#armedFor = tick
    if (tick < Infinity)
      this.#timer = this.#clock.timer(tick * tickMs - this.#clock.now(), () => {
        const now = this.#clock.now()
        for (const call of this.values()) if (call.deadline <= now) call.expire()
        this.#arm(Math.min(...this.#ticks.keys()))
      })
  }
}

function tickOf({ deadline }: Expiring): number {
  return Math.ceil(deadline / tickMs)
}
