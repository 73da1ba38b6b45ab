import { parseArgs } from 'node:util'

/** What `npm run fuzz` may be told. */
export interface Options {
  readonly seed: number
  /** Inputs for each target. */
  readonly runs: number
  /** Seconds for all of them together. */
  readonly seconds: number
  /** The number of the first input. */
  readonly from: number
  readonly targets: readonly string[]
  /** Add an input to the corpus for each label that has none. */
  readonly collect: boolean
}

/** @throws TypeError for what cannot be run */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '1' },
      runs: { type: 'string', default: '20000' },
      seconds: { type: 'string', default: '60' },
      from: { type: 'string', default: '0' },
      only: { type: 'string', default: known.join() },
      collect: { type: 'boolean', default: false },
    },
  })
  const targets = values.only.split(',')
  const missing = targets.filter((name) => !known.includes(name))
  if (missing.length > 0)
    throw new TypeError(`There is no target ${missing.join(', ')}, only ${known.join(', ')}`)
  return {
    seed: whole('seed', values.seed),
    runs: whole('runs', values.runs),
    seconds: whole('seconds', values.seconds),
    from: whole('from', values.from),
    targets,
    collect: values.collect,
  }
}

function whole(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new TypeError(`--${name} takes a whole number, not ${JSON.stringify(text)}`)
  return Number(text)
}
