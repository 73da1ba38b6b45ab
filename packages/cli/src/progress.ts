import { amount, duration } from './quantity.js'
import type { Tally } from './tally.js'

/**
 * The line that shows how a run goes on.
 * @returns the line, for the milliseconds since it began
 */
export function progress(tally: Tally, durationMs: number): (elapsedMs: number) => string {
  let calls = 0
  let at = 0
  return (elapsedMs) => {
    const rate = ((tally.calls - calls) / Math.max(1, elapsedMs - at)) * 1_000
    calls = tally.calls
    at = elapsedMs
    const parts = [
      `${amount(tally.calls)} calls`,
      `${amount(Math.round(rate))}/s`,
      `p50 ${duration(tally.latency.percentile(50))}`,
      `p99 ${duration(tally.latency.percentile(99))}`,
      ...(tally.failed > 0 ? [`${amount(tally.failed)} failed`] : []),
      `${Math.max(0, Math.ceil((durationMs - elapsedMs) / 1_000))} s left`,
    ]
    return parts.join('  ')
  }
}
