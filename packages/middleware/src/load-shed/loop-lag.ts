import type { Clock } from '@hawser/contract'

const staleMs = 1_000

/**
 * How many milliseconds the loop needs for what waits in it, measured each time it is asked: the answer is that of the time before.
 * Needs no timer, so that nothing is kept awake, and runs anywhere.
 */
export function loopLag(clock: Clock): () => number {
  let lag = 0
  let measuredAt = -Infinity
  let measuring = false
  return () => {
    const began = clock.now()
    if (!measuring) {
      measuring = true
      clock.soon(() => {
        measuring = false
        measuredAt = clock.now()
        lag = measuredAt - began
      })
    }
    return began - measuredAt < staleMs ? lag : 0
  }
}
