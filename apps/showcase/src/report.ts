import type { Codec } from '@hawser/contract'
import { checks } from './checks/all.js'
import type { Check } from './checks/check.js'
import { measureRate } from './rate.js'
import type { Site } from './site.js'
import { openStack, type Stack } from './stack.js'
import { codecs, codecsOf, type Way } from './strands.js'
import { type Column, headOf, type Paint, rowOf } from './table.js'

/** How the table came out. */
export interface Result {
  readonly stacks: number
  readonly passed: number
  /** `tcp json, deadline: …` */
  readonly failures: readonly string[]
}

/** Where lines go. */
export interface Printer {
  line(text: string): void
  readonly paint: Paint
}

const tick = '✓'
const cross = '✗'
const none = '–'
const rateWidth = 7

/** Calls through every stack, and prints a row as soon as it is complete. Ends early, after a row, by its signal. */
export async function printTable(site: Site, { line, paint }: Printer, signal: AbortSignal): Promise<Result> {
  const columns = columnsOf(site.ways, codecs)
  line(paint('bold', headOf(columns)))
  const stacks = site.ways.flatMap((way) => codecsOf(way).map((codec) => ({ way, codec })))
  const failures: string[] = []
  let done = 0
  for (const { way, codec } of stacks) {
    if (signal.aborted) break
    await using stack = openStack(way, codec, site.addresses.get(way.name)!, site.library)
    const mine = checksOf(way)
    done += mine.length + 1
    const found = await failuresOf(stack, mine)
    const rate = await rateOf(stack)
    const marks = checks.map((check) => (!mine.includes(check) ? none : found.has(check.name) ? cross : tick))
    const colour = (cell: string) =>
      cell === tick ? paint('green', cell) : cell === cross ? paint('red', cell) : cell
    line(rowOf(columns, [way.name, codec.name, ...marks, rate ?? cross], colour))
    for (const [name, why] of found) failures.push(`${way.name} ${codec.name}, ${name}: ${why}`)
    if (rate === undefined) failures.push(`${way.name} ${codec.name}, calls/s: a call failed`)
  }
  return { stacks: stacks.length, passed: done - failures.length, failures }
}

/** Those that a way has the means for. */
export function checksOf({ lacks }: Way): readonly Check[] {
  return checks.filter(({ name }) => !lacks?.includes(name))
}

function columnsOf(ways: readonly Way[], codecs: readonly Codec[]): Column[] {
  const widest = (title: string, named: readonly { readonly name: string }[]) =>
    Math.max(title.length, ...named.map(({ name }) => name.length))
  return [
    { title: 'transport', width: widest('transport', ways), align: 'left' },
    { title: 'codec', width: widest('codec', codecs), align: 'left' },
    ...checks.map(({ name }) => ({ title: name, width: name.length, align: 'centre' as const })),
    { title: 'calls/s', width: rateWidth, align: 'right' },
  ]
}

// One after the other: a check must not pass because of another's connection, or fail because of its load.
async function failuresOf(stack: Stack, checks: readonly Check[]): Promise<ReadonlyMap<string, string>> {
  const failures = new Map<string, string>()
  for (const { name, run } of checks) {
    try {
      await run(stack)
    } catch (error) {
      failures.set(name, error instanceof Error ? error.message : String(error))
    }
  }
  return failures
}

async function rateOf(stack: Stack): Promise<string | undefined> {
  try {
    return Math.round(await measureRate(stack)).toLocaleString('en-US')
  } catch {
    return undefined
  }
}
