import { type Cell, type Durations, measure, type Sample } from './pair.js'
import type { Subject } from './subjects.js'

/** What to run. */
export interface Plan extends Durations {
  readonly subjects: readonly Subject[]
  readonly cells: readonly Cell[]
  readonly rounds: number
}

/** What one subject did in one cell. */
export interface Outcome {
  readonly subject: Subject
  readonly cell: Cell
  /** By round; undefined where it failed. */
  readonly samples: (Sample | undefined)[]
  /** Why it failed last. */
  error?: string
}

// Whatever fails twice will fail a third time, and every failure may take its whole time limit.
const maxFailures = 2

/**
 * Runs every subject in every cell, once per round. The subjects alternate, and each round begins with another one, so that
 * what else the machine does falls on all of them.
 * @param progress told before each measurement
 */
export async function run(plan: Plan, progress: (text: string) => void): Promise<Outcome[]> {
  const { subjects, cells, rounds } = plan
  const outcomes = cells.flatMap((cell) =>
    subjects.map((subject): Outcome => ({ subject, cell, samples: [] })),
  )
  const total = rounds * outcomes.length
  let done = 0
  for (let round = 0; round < rounds; round++) {
    for (let c = 0; c < cells.length; c++) {
      for (let s = 0; s < subjects.length; s++) {
        const outcome = outcomes[c * subjects.length + ((s + round) % subjects.length)]!
        const { subject, cell } = outcome
        done++
        progress(`${done}/${total}  round ${round + 1}  ${cell.bytes} B × ${cell.inFlight}  ${subject.name}`)
        await step(outcome, plan)
      }
    }
  }
  return outcomes
}

async function step(outcome: Outcome, durations: Durations): Promise<void> {
  const { samples, subject, cell } = outcome
  const failures = samples.filter((sample) => sample === undefined).length
  if (failures >= maxFailures) return
  try {
    samples.push(await measure(subject, cell, durations))
  } catch (error) {
    samples.push(undefined)
    outcome.error = error instanceof Error ? error.message : String(error)
  }
}
