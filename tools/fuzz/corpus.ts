import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fromHex, toHex } from './bytes.js'

/** An input worth keeping. */
export interface Entry {
  /** Why: the label it was the first to have, or what it had found. */
  readonly label: string
  /** What has to become of it. */
  readonly result: string
  readonly input: Uint8Array
}

/** The result of an input that was found to do what none may, until that is repaired. */
export const undecided = 'undecided'

const folder = join(fileURLToPath(new URL('.', import.meta.url)), 'corpus')

/** The inputs kept for a target, by their labels in order; none when there is no file yet. */
export function readCorpus(target: string): Entry[] {
  const file = join(folder, `${target}.json`)
  if (!existsSync(file)) return []
  const entries = JSON.parse(readFileSync(file, 'utf8')) as { label: string; result: string; hex: string }[]
  return entries.map(({ label, result, hex }) => ({ label, result, input: fromHex(hex) }))
}

/** Writes them, sorted, so that two runs give the same file. */
export function writeCorpus(target: string, entries: readonly Entry[]): void {
  const lines = entries
    .toSorted((a, b) => (a.label < b.label ? -1 : a.label > b.label ? 1 : 0))
    .map(({ label, result, input }) => `  ${JSON.stringify({ label, result, hex: toHex(input) })}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${target}.json`), `[\n${lines.join(',\n')}\n]\n`)
}
