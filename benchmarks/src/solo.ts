import { Child } from './child.js'
import { readable, summarize } from './stats.js'
import type { Table } from './table.js'

/** What a solo's `client.ts` exports as `connect`: tasks by name, each run for so many milliseconds, telling how often. */
export type Tasks = Readonly<Record<string, (milliseconds: number) => Promise<number> | number>>

/** One of the things compared that need no second process. */
export interface Solo {
  readonly name: string
  /** Under src/subjects/; it holds a client.ts whose `connect` gives {@link Tasks}. */
  readonly folder: string
  readonly variant: string
  readonly about: string
}

/** How long, and how often. */
export interface SoloPlan {
  readonly solos: readonly Solo[]
  readonly tasks: readonly string[]
  readonly rounds: number
  readonly seconds: number
  readonly warmUpSeconds: number
}

/** What one of them did in one task. */
export interface SoloOutcome {
  readonly solo: Solo
  readonly task: string
  /** Times a second, by round; undefined where it failed. */
  readonly rates: (number | undefined)[]
  error?: string
}

/** Runs each in a process of its own, once per round, alternating. */
export async function runSolos(plan: SoloPlan, progress: (text: string) => void): Promise<SoloOutcome[]> {
  const { solos, tasks, rounds } = plan
  const outcomes = solos.flatMap((solo) => tasks.map((task): SoloOutcome => ({ solo, task, rates: [] })))
  for (let round = 0; round < rounds; round++)
    for (let s = 0; s < solos.length; s++) {
      const solo = solos[(s + round) % solos.length]!
      progress(`round ${round + 1}/${rounds}  ${solo.name}`)
      const mine = outcomes.filter((outcome) => outcome.solo === solo)
      await step(mine, plan)
    }
  return outcomes
}

async function step(outcomes: readonly SoloOutcome[], { seconds, warmUpSeconds }: SoloPlan): Promise<void> {
  await using child = new Child()
  const { solo } = outcomes[0]!
  const { folder, variant } = solo
  for (const outcome of outcomes) {
    try {
      if (outcome === outcomes[0])
        await child.ask({ kind: 'start', folder, role: 'client', variant, address: '', inFlight: 1 }, 30)
      const run = (milliseconds: number) =>
        child.ask<number>(
          { kind: 'task', name: outcome.task, count: milliseconds },
          milliseconds / 1_000 + 30,
        )
      await run(warmUpSeconds * 1_000)
      outcome.rates.push(await run(seconds * 1_000))
    } catch (error) {
      outcome.rates.push(undefined)
      outcome.error = error instanceof Error ? error.message : String(error)
    }
  }
}

/** Runs something for so many milliseconds, and tells how many times a second. */
export function timesASecond(milliseconds: number, run: () => void): number {
  const begin = performance.now()
  let times = 0
  let elapsed = 0
  do {
    for (let i = 0; i < 100; i++) run()
    times += 100
    elapsed = performance.now() - begin
  } while (elapsed < milliseconds)
  return (times / elapsed) * 1_000
}

/** Median of the ratios within each round. */
export function soloRatio(above: SoloOutcome, below: SoloOutcome): number {
  const ratios = above.rates.flatMap((rate, round) => {
    const other = below.rates[round]
    return rate && other ? [rate / other] : []
  })
  return summarize(ratios).median
}

/**
 * A row for each, a column for each task.
 * @param unit what is counted, for the heads of columns
 */
export function soloTable(title: string, unit: string, outcomes: readonly SoloOutcome[]): Table {
  const solos = [...new Set(outcomes.map(({ solo }) => solo))]
  const tasks = [...new Set(outcomes.map(({ task }) => task))]
  const find = (solo: Solo, task: string) =>
    outcomes.find((outcome) => outcome.solo === solo && outcome.task === task)!
  const [first] = solos
  return {
    title,
    columns: ['', ...tasks.flatMap((task) => [`${task}, ${unit}`, `${first!.name} ÷ it`])],
    rows: solos.map((solo) => [
      solo.name,
      ...tasks.flatMap((task) => {
        const outcome = find(solo, task)
        const rates = outcome.rates.filter((rate) => rate !== undefined)
        if (rates.length === 0) return [`failed: ${outcome.error}`, '–']
        const { min, median, max } = summarize(rates)
        return [
          [min, median, max].map(readable).join(' / '),
          `${readable(soloRatio(find(first!, task), outcome))}×`,
        ]
      }),
    ]),
  }
}

/** A ratio next to what is aimed at. */
export interface SoloAim {
  readonly of: string
  readonly against: string
  readonly task: string
  readonly aim: number
}

/** The aims that were measured. */
export function soloAims(title: string, aims: readonly SoloAim[], outcomes: readonly SoloOutcome[]): Table {
  const find = (name: string, task: string) =>
    outcomes.find((outcome) => outcome.solo.name === name && outcome.task === task)
  return {
    title,
    columns: ['', 'against', 'measured', 'aimed at'],
    rows: aims.flatMap(({ of, against, task, aim }) => {
      const [above, below] = [find(of, task), find(against, task)]
      if (!above || !below) return []
      return [[`${of}, ${task}`, against, `${readable(soloRatio(above, below))}×`, `${aim}×`]]
    }),
  }
}
