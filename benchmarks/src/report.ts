import type { Cell, Sample } from './pair.js'
import type { Outcome } from './rounds.js'
import { readable, summarize } from './stats.js'
import type { Table } from './table.js'

const columns: readonly (readonly [string, (sample: Sample) => number])[] = [
  ['calls/s', (sample) => sample.callsPerSecond],
  ['p50 µs', (sample) => sample.p50],
  ['p99 µs', (sample) => sample.p99],
  ['client CPU µs', (sample) => sample.clientCpu],
  ['server CPU µs', (sample) => sample.serverCpu],
  ['server RSS MB', (sample) => sample.serverRss / 1e6],
]

/** `4 KiB` rather than `4096 B`. */
export function size(bytes: number): string {
  return bytes >= 1024 && bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${bytes} B`
}

/**
 * One table per cell. Figures are min / median / max of the rounds.
 * @param baseline name of the subject that all others are compared with
 */
export function speedTables(outcomes: readonly Outcome[], baseline: string): Table[] {
  return groupByCell(outcomes).map(({ cell, members }) => {
    const base = members.find(({ subject }) => subject.name === baseline)
    return {
      title: `${size(cell.bytes)}, ${cell.inFlight} in flight`,
      columns: ['', ...columns.map(([title]) => title), `${baseline} ÷ it`],
      rows: members.map((outcome) => row(outcome, base)),
    }
  })
}

/** One table per figure, with a column per cell: for subjects that are variants of one. */
export function variantTables(outcomes: readonly Outcome[]): Table[] {
  const groups = groupByCell(outcomes)
  const names = groups[0]?.members.map(({ subject }) => subject.name) ?? []
  const table = (title: string, figure: (sample: Sample) => number): Table => ({
    title,
    columns: ['', ...groups.map(({ cell }) => `${size(cell.bytes)}, ${cell.inFlight} in flight`)],
    rows: names.map((name, i) => [
      name,
      ...groups.map(({ members }) =>
        triple(members[i]!.samples.flatMap((sample) => (sample ? [figure(sample)] : []))),
      ),
    ]),
  })
  return [
    table('Variants, calls/s', (sample) => sample.callsPerSecond),
    table('Variants, CPU µs per call, both sides', (sample) => sample.clientCpu + sample.serverCpu),
  ]
}

function row(outcome: Outcome, base: Outcome | undefined): string[] {
  const samples = outcome.samples.filter((sample) => sample !== undefined)
  if (samples.length === 0) {
    const why = `failed: ${outcome.error ?? 'no sample'}`
    return [outcome.subject.name, why, ...columns.map(() => '–')]
  }
  return [
    outcome.subject.name,
    ...columns.map(([, pick]) => triple(samples.map(pick))),
    base ? `${readable(ratio(base, outcome))}×` : '–',
  ]
}

function triple(values: readonly number[]): string {
  const { min, median, max } = summarize(values)
  return values.length === 1 ? readable(median) : [min, median, max].map(readable).join(' / ')
}

/**
 * Of the calls/s of two subjects in one cell, or of another figure: the median of the ratios within each round, so that a round
 * in which the machine was busy counts for both. NaN without a round in which both ran.
 */
export function ratio(
  above: Outcome,
  below: Outcome,
  figure: (sample: Sample) => number = ({ callsPerSecond }) => callsPerSecond,
): number {
  const ratios = above.samples.flatMap((sample, round) => {
    const other = below.samples[round]
    return sample && other ? [figure(sample) / figure(other)] : []
  })
  return summarize(ratios).median
}

interface Group {
  readonly cell: Cell
  readonly members: Outcome[]
}

function groupByCell(outcomes: readonly Outcome[]): Group[] {
  const groups = new Map<Cell, Group>()
  for (const outcome of outcomes) {
    const group = groups.get(outcome.cell) ?? { cell: outcome.cell, members: [] }
    groups.set(outcome.cell, group)
    group.members.push(outcome)
  }
  return [...groups.values()]
}
