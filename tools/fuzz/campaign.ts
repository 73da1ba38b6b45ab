import { Collector } from './collector.js'
import { makeInput } from './mutate.js'
import { Random } from './random.js'
import type { Target } from './target.js'
import { type Find, isFind, type Watch } from './watch.js'

/** How far a target is to be taken. */
export interface Plan {
  readonly seed: number
  /** The number of the first input. */
  readonly from: number
  readonly runs: number
  /** On the clock of `performance.now()`. */
  readonly until: number
  /** Keep an input for each label that is new. */
  readonly collect: boolean
}

/** What came of it. */
export interface Campaign {
  readonly runs: number
  readonly labels: number
  readonly collected: number
  /** The first input that did what none may, and its number. */
  readonly found?: { readonly number: number; readonly find: Find; readonly input: Uint8Array }
}

const reportEvery = 100

/** Runs inputs for a target until there is a find, or enough of them. */
export async function runCampaign(
  target: Target,
  { seed, from, runs, until, collect }: Plan,
  watch: Watch,
  progress: (runs: number) => void,
): Promise<Campaign> {
  const collector = new Collector(target, watch)
  const seeds = [...target.seeds, ...collector.inputs]
  const labels = new Set<string>()
  let run = 0
  let input = new Uint8Array(0)
  for (; run < runs && performance.now() < until; run++) {
    if (run % reportEvery === 0) progress(run)
    input = new Uint8Array(makeInput(target, seeds, new Random(seed, target.name, from + run)))
    const outcome = await watch.run(target, input)
    if (isFind(outcome)) return found(outcome)
    for (const label of outcome.labels) {
      labels.add(label)
      if (collect) collector.offer(label, input)
    }
  }
  const late = await watch.rest()
  if (late) return found(late)
  return { runs: run, labels: labels.size, collected: collect ? await collector.keep() : 0 }

  async function found(find: Find): Promise<Campaign> {
    const number = from + Math.min(run, runs - 1)
    const smaller = await collector.keepFind(`seed ${seed}, number ${number}`, find, input)
    return { runs: run + 1, labels: labels.size, collected: 0, found: { number, find, input: smaller } }
  }
}
