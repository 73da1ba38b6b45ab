import { aimsTable } from './aims.js'
import { writeSection } from './document.js'
import { leakTable } from './leak.js'
import { describeMachine, versionOf } from './machine.js'
import { memoryTable } from './memory.js'
import { type Mode, type Options, parseOptions, usageText } from './options.js'
import type { Cell } from './pair.js'
import { speedTables, variantTables } from './report.js'
import { run } from './rounds.js'
import { subjects } from './subjects.js'
import { type Table, toMarkdown, toText } from './table.js'

type Progress = (text: string) => void

const runs: Record<Mode, (options: Options, progress: Progress) => Promise<Table[]>> = {
  speed: async (options, progress) => {
    const outcomes = await run({ ...options, cells: cellsOf(options) }, progress)
    const aims = aimsTable(outcomes)
    return [
      ...speedTables(outcomes, options.subjects[0]!.name),
      ...(aims.rows.length > 0 ? [aims] : []),
      subjectsTable(options),
    ]
  },
  variants: async (options, progress) => {
    const variants = subjects.filter(({ folder, extra }) => extra && folder === 'minimum')
    return variantTables(await run({ ...options, subjects: variants, cells: cellsOf(options) }, progress))
  },
  memory: async ({ count }, progress) => [await memoryTable(count, progress)],
  leak: async ({ count }, progress) => [await leakTable(count, progress)],
}

function cellsOf({ bytes, inFlight }: Options): Cell[] {
  return bytes.flatMap((bytes) => inFlight.map((inFlight) => ({ bytes, inFlight })))
}

function subjectsTable(options: Options): Table {
  return {
    title: 'Subjects',
    columns: ['', 'what it is', 'versions'],
    rows: options.subjects.map(({ name, about, packages }) => [
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
