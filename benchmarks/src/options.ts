import { parseArgs } from 'node:util'
import { type Subject, subjects } from './subjects.js'

export const modes = ['speed', 'memory', 'leak', 'variants'] as const
export type Mode = (typeof modes)[number]

const standardModes: readonly Mode[] = ['speed', 'memory', 'leak']

export const usageText: string = `npm run bench -- [modes] [options]

  modes: speed, memory and leak, which are all run unless named; variants: ways to write the minimum

  --only a,b        subjects by name, the first one compared with (${subjects
    .filter((subject) => !subject.extra)
    .map((subject) => subject.name)
    .join(', ')};
                    extra: ${subjects
                      .filter((subject) => subject.extra)
                      .map((subject) => subject.name)
                      .join(', ')})
  --inflight 1,64   calls in flight (1,64,512)
  --bytes 64,4096   length of the string (64,4096)
  --rounds 5        how often each figure is taken
  --seconds 1.5     how long each time
  --count 10000     connections and cancels of the memory and leak runs; calls are 100 times that
  --quick           2 rounds of 0.4 s, and a tenth of the count
  --write           writes docs/benchmarks.md also when the run is not the standard one
`

/** What the command line asks for. */
export interface Options {
  readonly modes: readonly Mode[]
  readonly subjects: readonly Subject[]
  readonly inFlight: readonly number[]
  readonly bytes: readonly number[]
  readonly rounds: number
  readonly seconds: number
  readonly warmUpSeconds: number
  readonly count: number
  readonly write: boolean
}

/** @throws TypeError for what is not understood */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      inflight: { type: 'string' },
      bytes: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      count: { type: 'string' },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const { quick, only } = values
  const standard = Object.entries(values).every(([name, value]) => name === 'write' || value === false)
  return {
    modes: positionals.length > 0 ? positionals.map(mode) : standardModes,
    subjects: only === undefined ? subjects.filter(({ extra }) => !extra) : only.split(',').map(named),
    inFlight: numbers(values.inflight ?? '1,64,512'),
    bytes: numbers(values.bytes ?? '64,4096'),
    rounds: number(values.rounds ?? (quick ? '2' : '5')),
    seconds: number(values.seconds ?? (quick ? '0.4' : '1.5')),
    warmUpSeconds: quick ? 0.6 : 2,
    count: number(values.count ?? (quick ? '1000' : '10000')),
    write: values.write || standard,
  }
}

function mode(text: string): Mode {
  const found = modes.find((name) => name === text)
  if (!found) throw new TypeError(`There is no mode named ${text}`)
  return found
}

function named(name: string): Subject {
  const found = subjects.find((subject) => subject.name === name)
  if (!found) throw new TypeError(`There is no subject named ${name}`)
  return found
}

function numbers(text: string): number[] {
  return text.split(',').map(number)
}

function number(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new TypeError(`${JSON.stringify(text)} is not a number above 0`)
  return value
}
