import { parseArgs } from 'node:util'
import { publishSubjects } from './publish.js'
import { codecSolos, workerSolos } from './solos.js'
import { httpSubjects, streamSubjects, subjects, transportSubjects } from './subjects.js'

export const modes = [
  'speed',
  'transports',
  'streams',
  'http',
  'publish',
  'stalled',
  'models',
  'sniff',
  'codecs',
  'workers',
  'browser',
  'memory',
  'leak',
  'variants',
] as const
export type Mode = (typeof modes)[number]

const standardModes: readonly Mode[] = modes.filter((mode) => mode !== 'variants')

interface Named {
  readonly name: string
  readonly extra?: boolean
}

const compared: readonly (readonly Named[])[] = [
  subjects,
  transportSubjects,
  streamSubjects,
  httpSubjects,
  publishSubjects,
  codecSolos,
  workerSolos,
]

function names(extra: boolean): string {
  const all = compared.flat().filter((each) => (each.extra ?? false) === extra)
  return [...new Set(all.map(({ name }) => name))].join(', ')
}

export const usageText: string = `npm run bench -- [modes] [options]

  modes: ${standardModes.join(', ')}, which are all run unless named;
         variants: ways to write the minimum

  --only a,b        subjects by name, the first one compared with (${names(false)};
                    extra: ${names(true)})
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
  /** Names of what to compare; undefined for all that are not extra. */
  readonly only: readonly string[] | undefined
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
    only: only?.split(',').map(known),
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

function known(text: string): string {
  if (!compared.flat().some(({ name }) => name === text))
    throw new TypeError(`There is no subject named ${text}`)
  return text
}

/** Those asked for, in that order. */
export function chosen<T extends Named>(from: readonly T[], { only }: Pick<Options, 'only'>): T[] {
  if (!only) return from.filter(({ extra }) => !extra)
  return only.flatMap((wanted) => from.find(({ name }) => name === wanted) ?? [])
}

function numbers(text: string): number[] {
  return text.split(',').map(number)
}

function number(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new TypeError(`${JSON.stringify(text)} is not a number above 0`)
  return value
}
