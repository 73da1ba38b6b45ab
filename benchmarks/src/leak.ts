import type { Usage } from './messages.js'
import { Pair } from './pair.js'
import { readable } from './stats.js'
import type { Table } from './table.js'

const settleMs = 1_500

/** Does the heap come back to its start? Both sides are looked at after garbage collection. */
export async function leakTable(count: number, progress: (text: string) => void): Promise<Table> {
  const steps = [
    { name: 'calls', title: 'calls', count: count * 100 },
    { name: 'openAndClose', title: 'connections opened and closed', count },
    { name: 'cancels', title: 'cancelled calls', count },
  ]
  await using pair = new Pair(['--expose-gc'])
  await pair.start({ folder: 'hawser', variant: 'many' }, 64)
  // What is compiled and pooled on first use is not a leak: a fifth of everything runs before the first look.
  for (const { name, title, count } of steps) {
    progress(`warming up  ${title}`)
    await pair.client.ask({ kind: 'task', name, count: Math.ceil(count / 5) }, 120)
  }
  const looks = [await look(pair)]
  for (const { name, title, count } of steps) {
    progress(`${count} ${title}`)
    await pair.client.ask({ kind: 'task', name, count }, 300)
    looks.push(await look(pair))
  }
  return {
    title: 'Heap in use after garbage collection, KB',
    columns: ['after', 'client', 'server'],
    rows: looks.map((heaps, i) => {
      const step = steps[i - 1]
      const label = step ? `${readable(step.count)} ${step.title}` : 'a warm-up of a fifth of it'
      return [label, ...heaps]
    }),
  }
}

async function look({ client, server }: Pair): Promise<string[]> {
  await new Promise((resolve) => setTimeout(resolve, settleMs))
  const heaps: string[] = []
  for (const side of [client, server]) {
    await side.ask({ kind: 'usage' })
    const { heapUsed } = await side.ask<Usage>({ kind: 'usage' })
    heaps.push((heapUsed / 1e3).toFixed(0))
  }
  return heaps
}
