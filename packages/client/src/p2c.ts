import type { Candidate, Pick } from './picker.js'

// Answers within the same turn look as if they had taken no time at all.
const leastMs = 0.01

/**
 * Power of two choices: of two addresses drawn at random, the one that will probably answer first. That is its latency
 * times the calls it has, one more included. An address of which nothing is known gets one call to be known by.
 */
export function p2c(): Pick {
  return (clock) => ({
    pick(candidates, _call, now) {
      const count = candidates.length
      if (count === 1) return candidates[0]!
      const first = Math.floor(clock.random() * count)
      let second = Math.floor(clock.random() * (count - 1))
      if (second >= first) second++
      const [one, other] = [candidates[first]!, candidates[second]!]
      return loadOf(one, now) <= loadOf(other, now) ? one : other
    },
  })
}

function loadOf(candidate: Candidate, now: number): number {
  const { inFlight } = candidate
  const latencyMs = candidate.latencyMs(now)
  if (latencyMs === 0) return inFlight === 0 ? 0 : Number.MAX_VALUE
  return Math.max(latencyMs, leastMs) * (inFlight + 1)
}
