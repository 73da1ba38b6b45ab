import type { Clock } from '@hawser/contract'
import { early, type Greeting } from './hello.js'
import type { Outgoing } from './outgoing.js'

/** Calls the other side has to be told of that they are over. */
export interface CancelQueue {
  readonly calls: Set<Outgoing>
  /** Tells of as many as it may; of the others later. */
  send(greeting: Greeting): void
  close(): void
}

/** Cancels go at half of what was announced, because a network that stalls delivers what was spread over seconds at once. */
export function cancelQueue(clock: Clock, tell: (call: Outgoing) => void): CancelQueue {
  const calls = new Set<Outgoing>()
  let tokens = Infinity
  let at = 0
  let timer: unknown
  const send = (greeting: Greeting) => {
    clock.clear(timer)
    if (greeting === early) return
    const { cancelBurst, cancelRate } = greeting
    const now = clock.now()
    const perMs = cancelRate / 2_000
    tokens = Math.min(Math.ceil(cancelBurst / 2), tokens + (now - at) * perMs)
    at = now
    for (const call of calls) {
      if (tokens < 1) {
        if (perMs > 0) timer = clock.timer((1 - tokens) / perMs, () => send(greeting))
        return
      }
      tokens--
      calls.delete(call)
      tell(call)
    }
  }
  return { calls, send, close: () => clock.clear(timer) }
}
