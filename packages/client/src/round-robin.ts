import type { Pick } from './picker.js'

/** One after the other. Each client begins somewhere else, so that many do not begin with the same. */
export function roundRobin(): Pick {
  return (clock) => {
    let next = Math.floor(clock.random() * 2 ** 20)
    return {
      pick(candidates) {
        next = (next + 1) % candidates.length
        return candidates[next]!
      },
    }
  }
}
