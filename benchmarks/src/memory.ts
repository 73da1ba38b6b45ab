import type { Usage } from './messages.js'
import { Pair } from './pair.js'
import { readable } from './stats.js'
import type { Table } from './table.js'

// Enough to have every code path compiled and every pool filled before the first look.
const warmUpConnections = 500
const settleMs = 1_500

interface PerConnection {
  /** Bytes per connection. */
  readonly rss: number
  readonly heap: number
}

const subjects = [
  { name: 'raw net socket', folder: 'net', variant: '' },
  { name: 'hawser', folder: 'hawser', variant: 'many' },
] as const

/** What an idle connection costs the server, in memory after garbage collection. */
export async function memoryTable(count: number, progress: (text: string) => void): Promise<Table> {
  const rows: string[][] = []
  let raw: PerConnection | undefined
  for (const { name, folder, variant } of subjects) {
    progress(`${count} idle connections  ${name}`)
    try {
      const cost = await measure(folder, variant, count)
      raw ??= cost
      rows.push([
        name,
        kilobytes(cost.rss),
        kilobytes(cost.heap),
        kilobytes(cost.rss - raw.rss),
        kilobytes(cost.heap - raw.heap),
      ])
    } catch (error) {
      rows.push([name, `failed: ${error instanceof Error ? error.message : error}`, '–', '–', '–'])
    }
  }
  return {
    title: `Server memory per idle connection, of ${count}`,
    columns: ['KB', 'RSS', 'heap and external', 'RSS beyond raw', 'heap and external beyond raw'],
    rows,
  }
}

async function measure(folder: string, variant: string, count: number): Promise<PerConnection> {
  await using pair = new Pair(['--expose-gc'])
  await pair.start({ folder, variant }, 1)
  await pair.client.ask({ kind: 'task', name: 'openAndClose', count: warmUpConnections }, 60)
  const before = await look(pair)
  await pair.client.ask({ kind: 'task', name: 'open', count }, 120)
  const after = await look(pair)
  return {
    rss: (after.rss - before.rss) / count,
    heap: (after.heapUsed + after.external - before.heapUsed - before.external) / count,
  }
}

async function look({ server }: Pair): Promise<Usage> {
  await new Promise((resolve) => setTimeout(resolve, settleMs))
  // The second collection frees what finalizers of the first let go.
  await server.ask({ kind: 'usage' })
  return server.ask<Usage>({ kind: 'usage' })
}

function kilobytes(bytes: number): string {
  return readable(bytes / 1e3)
}
