import { aimsTable } from './aims.js'
import { browserTable } from './browser.js'
import { writeSection } from './document.js'
import { leakTable } from './leak.js'
import { describeMachine, versionOf } from './machine.js'
import { memoryTable } from './memory.js'
import { modelTables } from './models.js'
import { chosen, type Mode, type Options, parseOptions, usageText } from './options.js'
import type { Cell } from './pair.js'
import { publishSubjects, publishTables } from './publish.js'
import { speedTables, variantTables } from './report.js'
import { run } from './rounds.js'
import { sniffTable } from './sniff.js'
import { runSolos, type Solo, soloAims, soloTable } from './solo.js'
import { codecAims, codecSolos, codecTasks, workerAims, workerSolos, workerTasks } from './solos.js'
import { stalledTable } from './stalled.js'
import { httpSubjects, type Subject, streamSubjects, subjects, transportSubjects } from './subjects.js'
import { type Table, toMarkdown, toText } from './table.js'

type Progress = (text: string) => void

const runs: Record<Mode, (options: Options, progress: Progress) => Promise<Table[]>> = {
  speed: async (options, progress) => {
    return compare(chosen(subjects, options), cellsOf(options), options, progress)
  },
  transports: async (options, progress) => {
    return compare(chosen(transportSubjects, options), [{ bytes: 64, inFlight: 64 }], options, progress)
  },
  streams: async (options, progress) => {
    return compare(chosen(streamSubjects, options), [{ bytes: 1024, inFlight: 1 }], options, progress)
  },
  http: async (options, progress) => {
    const cells = [64, 1].map((inFlight) => ({ bytes: 64, inFlight }))
    return compare(chosen(httpSubjects, options), cells, options, progress)
  },
  publish: async (options, progress) => {
    const subjects = chosen(publishSubjects, options)
    return [...(await publishTables({ ...options, subjects }, progress)), subjectsTable(subjects)]
  },
  stalled: async (options, progress) => [await stalledTable(options, progress)],
  models: modelTables,
  codecs: async (options, progress) => {
    const solos = chosen(codecSolos, options)
    const outcomes = await runSolos({ ...options, solos, tasks: codecTasks }, progress)
    const title = 'A struct of twenty fields'
    return [soloTable(title, 'times/s', outcomes), soloAims('Ratios', codecAims, outcomes), aboutSolos(solos)]
  },
  workers: async (options, progress) => {
    const solos = chosen(workerSolos, options)
    const outcomes = await runSolos({ ...options, solos, tasks: workerTasks }, progress)
    const title = '1 MiB to a worker thread and back'
    return [
      soloTable(title, 'times/s', outcomes),
      soloAims('Ratios', workerAims, outcomes),
      aboutSolos(solos),
    ]
  },
  variants: async (options, progress) => {
    const variants = subjects.filter(({ folder, extra }) => extra && folder === 'minimum')
    return variantTables(await run({ ...options, subjects: variants, cells: cellsOf(options) }, progress))
  },
  browser: async ({ rounds, seconds }, progress) => {
    progress('in Chromium')
    return [await browserTable(rounds, seconds)]
  },
  memory: async ({ count }, progress) => [await memoryTable(count, progress)],
  sniff: async (options, progress) => [await sniffTable(options, progress)],
  leak: async ({ count }, progress) => [await leakTable(count, progress)],
}

async function compare(
  subjects: readonly Subject[],
  cells: readonly Cell[],
  options: Options,
  progress: Progress,
): Promise<Table[]> {
  const outcomes = await run({ ...options, subjects, cells }, progress)
  const aims = aimsTable(outcomes)
  return [
    ...speedTables(outcomes, subjects[0]!.name),
    ...(aims.rows.length > 0 ? [aims] : []),
    subjectsTable(subjects),
  ]
}

function cellsOf({ bytes, inFlight }: Options): Cell[] {
  return bytes.flatMap((bytes) => inFlight.map((inFlight) => ({ bytes, inFlight })))
}

function aboutSolos(solos: readonly Solo[]): Table {
  return {
    title: 'Subjects',
    columns: ['', 'what it is'],
    rows: solos.map(({ name, about }) => [name, about]),
  }
}

function subjectsTable(subjects: readonly Pick<Subject, 'name' | 'about' | 'packages'>[]): Table {
  return {
    title: 'Subjects',
    columns: ['', 'what it is', 'versions'],
    rows: subjects.map(({ name, about, packages }) => [
      name,
      about,
      packages.map((name) => `${name} ${versionOf(name)}`).join(', '),
    ]),
  }
}

/** How the run was made, above its tables. */
function heading(mode: Mode, { rounds, seconds, warmUpSeconds, count }: Options): string {
  const taken = `Taken on ${new Date().toISOString().slice(0, 10)}: ${describeMachine()}.`
  if (mode === 'memory' || mode === 'leak') return `${taken} ${count} connections.`
  return `${taken} ${rounds} rounds of ${seconds} s after ${warmUpSeconds} s of warm-up; figures are min / median / max of the rounds.`
}

function progressLine(): Progress {
  if (!process.stderr.isTTY) return (text) => void process.stderr.write(`${text}\n`)
  return (text) => void process.stderr.write(`\r\x1b[2K${text}`)
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2))
  if (options === 'help') {
    console.log(usageText)
    return
  }
  const progress = progressLine()
  for (const mode of options.modes) {
    const tables = await runs[mode](options, progress)
    if (process.stderr.isTTY) progress('')
    const head = heading(mode, options)
    console.log(`\n${mode}: ${head}\n\n${tables.map(toText).join('\n\n')}`)
    if (options.write) await writeSection(mode, [head, ...tables.map(toMarkdown)].join('\n\n'))
  }
}

try {
  await main()
} catch (error) {
  console.error(error instanceof TypeError ? `${error.message}\n\n${usageText}` : error)
  process.exitCode = 1
}
