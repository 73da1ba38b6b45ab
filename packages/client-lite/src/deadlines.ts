import type { Clock } from '@hawser/contract'

/** What has a deadline. */
export interface Expiring {
  /** Clock milliseconds; Infinity for none. */
  readonly deadline: number
  expire(): void
}

/** Calls that go on, by their deadlines. */
export interface Deadlines<T extends Expiring> {
  add(call: T): void
  delete(call: T): void
  /** All of them. */
  values(): T[]
  close(): void
}

const tickMs = 10

/** Keeps all deadlines on one timer of the clock. Each call expires in time, or up to one tick later. */
export function deadlines<T extends Expiring>(clock: Clock): Deadlines<T> {
  const ticks = new Map<number, Set<T>>()
  let timer: unknown
  let armedFor = Infinity
  const tickOf = ({ deadline }: T) => Math.ceil(deadline / tickMs)
  const values = () => [...ticks.values()].flatMap((calls) => [...calls])
  const close = () => clock.clear(timer)
  const arm = (tick: number) => {
    close()
    armedFor = tick
    if (tick < Infinity)
      timer = clock.timer(tick * tickMs - clock.now(), () => {
        const now = clock.now()
        for (const call of values()) if (call.deadline <= now) call.expire()
        arm(Math.min(...ticks.keys()))
      })
  }
  return {
    add(call) {
      const tick = tickOf(call)
      const calls = ticks.get(tick)
      if (calls) calls.add(call)
      else ticks.set(tick, new Set([call]))
      if (tick < armedFor) arm(tick)
    },
    delete(call) {
      const tick = tickOf(call)
      const calls = ticks.get(tick)
      if (calls?.delete(call) && calls.size === 0) ticks.delete(tick)
    },
    values,
    close,
  }
}
