import type { Output } from './output.js'
import { amount, duration, rounded } from './quantity.js'
import type { Tally } from './tally.js'
import { shown, valueText } from './value-text.js'

/** What a run comes to. */
export interface Report {
  readonly address: string
  readonly method: string
  readonly tally: Tally
  readonly tookMs: number
  /** Calls that were due and not made. */
  readonly unmade: number
  readonly rate: number | undefined
  readonly concurrency: number
  readonly connections: number
}

const percents = [50, 75, 90, 99, 99.9]
const barWidth = 40

/** Prints it: a table and a histogram, or for programs one object. */
export async function report(output: Output, all: Report): Promise<void> {
  if (output.json) await output.line(valueText(factsOf(all)))
  else for (const line of linesOf(output, all)) await output.line(line)
}

function factsOf({
  address,
  method,
  tally,
  tookMs,
  unmade,
  rate,
  concurrency,
  connections,
}: Report): unknown {
  const { latency, lateness, errors, calls, failed } = tally
  const times = percents.map((percent) => [`p${percent}`, rounded(latency.percentile(percent))])
  return {
    address,
    method,
    ...(rate === undefined ? { concurrency } : { rate }),
    connections,
    calls,
    failed,
    tookMs: rounded(tookMs),
    callsPerSecond: rounded(perSecond(calls, tookMs)),
    latencyMs: {
      min: rounded(latency.min),
      mean: rounded(latency.mean),
      ...Object.fromEntries(times),
      max: rounded(latency.max),
    },
    ...(rate !== undefined && {
      latenessMs: { p99: rounded(lateness.percentile(99)), max: rounded(lateness.max) },
      unmade,
    }),
    errors: Object.fromEntries([...errors].map(([name, { count }]) => [name, count])),
    histogram: latency.octaves().map(({ toMs, count }) => ({ toMs, count })),
  }
}

function linesOf(output: Output, all: Report): string[] {
  const { address, method, tally, tookMs, unmade, rate, concurrency, connections } = all
  const { latency, lateness, errors, calls, failed } = tally
  const over = `${connections} connection${connections === 1 ? '' : 's'}`
  const how = rate === undefined ? `${concurrency} at a time` : `${amount(rate)} a second`
  const rows: [string, string][] = [
    ['calls', `${amount(calls)} in ${duration(tookMs)}`],
    ['throughput', `${amount(Math.round(perSecond(calls, tookMs)))} calls/s`],
    ['failed', failed === 0 ? '0' : output.styled('red', amount(failed))],
  ]
  if (latency.count > 0) {
    rows.push(['min', duration(latency.min)], ['mean', duration(latency.mean)])
    for (const percent of percents) rows.push([`p${percent}`, duration(latency.percentile(percent))])
    rows.push(['max', duration(latency.max)])
  }
  if (lateness.count > 0) rows.push(['made late by', latenessText(tally)])
  if (unmade > 0) rows.push(['not made', `${amount(unmade)}: too many were under way (--in-flight)`])
  const width = Math.max(...rows.map(([name]) => name.length))
  return [
    output.styled('bold', `${method} at ${address}: ${how}, ${over}`),
    ...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`),
    ...(errors.size > 0 ? ['', 'errors'] : []),
    ...[...errors].map(([name, { count, message }]) => `  ${amount(count)} × ${name}: ${shown(message)}`),
    ...(latency.count > 0 ? ['', 'latency', ...bars(tally)] : []),
  ]
}

// What comes late is measured from when it was due: so the figures are those of this side, too, where that is most of it.
function latenessText({ latency, lateness }: Tally): string {
  const late = lateness.percentile(99)
  const text = `p99 ${duration(late)}, max ${duration(lateness.max)}`
  return late > 1 && late > latency.percentile(99) / 2 ? `${text}: this side could not keep up` : text
}

function bars({ latency }: Tally): string[] {
  const rows = latency.octaves()
  const most = Math.max(...rows.map(({ count }) => count))
  return rows.map(({ toMs, count }) => {
    const bar = '█'.repeat(count === 0 ? 0 : Math.max(1, Math.round((count / most) * barWidth)))
    const share = ((count / latency.count) * 100).toFixed(count / latency.count < 0.01 ? 3 : 1)
    return `  < ${duration(toMs).padStart(8)}  ${share.padStart(6)} %  ${bar}`.trimEnd()
  })
}

function perSecond(calls: number, tookMs: number): number {
  return tookMs > 0 ? (calls / tookMs) * 1_000 : 0
}
