import { type CallFigures, type ModelSubject, Trial } from './models/trial.js'
import type { Options } from './options.js'
import { readable, summarize } from './stats.js'
import type { Table } from './table.js'

const subjects: readonly ModelSubject[] = [
  { model: 'serial', workers: 1, atOnce: 1 },
  { model: 'thread-per-connection', workers: 16, atOnce: 16 },
  { model: 'process-per-connection', workers: 16, atOnce: 16 },
  { model: 'prefork', workers: 4, atOnce: 4 },
  { model: 'async', workers: 1, atOnce: 16 },
  { model: 'prefork-async', workers: 2, atOnce: 16 },
]

const many = 16
const cells = [
  { title: 'A short call, 1 connection', connections: 1, method: '/short', argument: 'x'.repeat(64) },
  { title: 'A short call, 16 connections', connections: many, method: '/short', argument: 'x'.repeat(64) },
  { title: '1 ms of computing, 1 connection', connections: 1, method: '/compute', argument: 1 },
  { title: '1 ms of computing, 16 connections', connections: many, method: '/compute', argument: 1 },
] as const

const setUps = 10
const mebi = 2 ** 20

interface Taken {
  readonly cells: (CallFigures | undefined)[][]
  readonly setUp: number[]
  readonly slowest: number[]
  readonly setUpCpu: number[]
  readonly rest: number[]
  readonly idle: number[]
}

/** The process models of one server. The models alternate, each measurement with programs of its own. */
export async function modelTables(
  { rounds, seconds, warmUpSeconds }: Options,
  progress: (text: string) => void,
): Promise<Table[]> {
  const taken = subjects.map(
    (): Taken => ({ cells: cells.map(() => []), setUp: [], slowest: [], setUpCpu: [], rest: [], idle: [] }),
  )
  const durations = { warmUp: warmUpSeconds, measured: seconds }
  for (let round = 0; round < rounds; round++)
    for (let turn = 0; turn < subjects.length; turn++) {
      const index = (turn + round) % subjects.length
      const subject = subjects[index]!
      const figures = taken[index]!
      const step = (what: string) => progress(`round ${round + 1}  ${subject.model}  ${what}`)
      for (const [c, { title, connections, method, argument }] of cells.entries()) {
        step(title)
        await using trial = await Trial.start(subject)
        const served = Math.min(connections, subject.atOnce)
        figures.cells[c]!.push(await trial.calls(connections, served, method, argument, durations))
      }
      step('connections')
      await using trial = await Trial.start(subject)
      figures.rest.push((await trial.usage()).memory / mebi)
      const { p50, max, cpuPerConnection } = await trial.setUp(setUps)
      figures.setUp.push(p50)
      figures.slowest.push(max)
      figures.setUpCpu.push(cpuPerConnection / 1_000)
      figures.idle.push((await trial.idle(many, subject.atOnce)).memory / mebi)
    }
  return [...cells.map(({ title }, c) => callTable(title, c, taken)), costTable(taken), subjectTable()]
}

function callTable(title: string, cell: number, taken: readonly Taken[]): Table {
  const of = (figures: Taken, pick: (one: CallFigures) => number) =>
    spread(figures.cells[cell]!.flatMap((one) => (one ? [pick(one)] : [])))
  return {
    title,
    columns: ['', 'calls/s', 'p50 µs', 'p99 µs', 'servers’ CPU µs'],
    rows: subjects.map(({ model }, index) => [
      model,
      of(taken[index]!, ({ callsPerSecond }) => callsPerSecond),
      of(taken[index]!, ({ p50 }) => p50),
      of(taken[index]!, ({ p99 }) => p99),
      of(taken[index]!, ({ cpuPerCall }) => cpuPerCall),
    ]),
  }
}

function costTable(taken: readonly Taken[]): Table {
  return {
    title: 'A connection, and memory',
    columns: ['', 'first answer ms', 'slowest ms', 'servers’ CPU ms', 'MiB at rest', `MiB with ${many} idle`],
    rows: subjects.map(({ model }, index) => {
      const { setUp, slowest, setUpCpu, rest, idle } = taken[index]!
      return [model, ...[setUp, slowest, setUpCpu, rest, idle].map(spread)]
    }),
  }
}

function subjectTable(): Table {
  return {
    title: 'What was run',
    columns: ['', 'workers', `of ${many} connections served at once`],
    rows: subjects.map(({ model, workers, atOnce }) => [model, `${workers}`, `${atOnce}`]),
  }
}

function spread(values: readonly number[]): string {
  const { min, median, max } = summarize(values)
  return [min, median, max].map(readable).join(' / ')
}
