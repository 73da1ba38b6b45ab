import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { readable, summarize } from './stats.js'
import type { Table } from './table.js'

const inFlight = 64
const bytes = 64

// Bundled and run from its sources: a page has no packages.
const program = fileURLToPath(new URL('../browser/main.ts', import.meta.url))

/** Calls of a page in headless Chromium, over Hawser and over a plain WebSocket. */
export async function browserTable(rounds: number, seconds: number): Promise<Table> {
  const args = ['--import=tsx', program, rounds, seconds, inFlight, bytes].map(String)
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    timeout: (rounds * seconds + 60) * 5_000,
  })
  const samples = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<'hawser' | 'raw', number>)
  const triple = (values: readonly number[]) => {
    const { min, median, max } = summarize(values)
    return [min, median, max].map(readable).join(' / ')
  }
  const ratio = summarize(samples.map(({ hawser, raw }) => hawser / raw)).median
  return {
    title: `A page, ${bytes} B, ${inFlight} in flight`,
    columns: ['', 'calls/s', 'aimed at'],
    rows: [
      ['hawser: client-lite, msgpack, ws', triple(samples.map(({ hawser }) => hawser)), '50 k'],
      ['plain WebSocket, text echoed in order', triple(samples.map(({ raw }) => raw)), ''],
      ['hawser over plain', `${readable(ratio)}×`, '0.7×, or the above'],
    ],
  }
}
