import type { Usage } from './messages.js'
import { Audience } from './publish.js'
import { readable, summarize } from './stats.js'
import type { Table } from './table.js'

const stalled = 1_000
// What the system holds for a Unix domain socket that is not read, the write queue and the mark fit into it several times.
const fillingMessages = 2_000
const inTurns = { task: 'turns', batch: 200 } as const

const cases = [
  { name: 'nobody stalled', variant: 'hawser-ws', stalls: 0 },
  { name: '1,000 stalled, closed at the mark', variant: 'hawser-ws', stalls: stalled },
  { name: '1,000 stalled, their oldest messages dropped', variant: 'hawser-ws-drop-old', stalls: stalled },
] as const

interface Sample {
  readonly messagesPerSecond: number
  readonly publisherCpu: number
  /** Bytes of heap and external memory beyond what was held before the stalled ones came. */
  readonly filled: number
  readonly after: number
  readonly left: number
}

interface StalledPlan {
  readonly rounds: number
  readonly seconds: number
  readonly warmUpSeconds: number
}

/** 1,000 subscribers that read nothing among 1,000 that do: what they cost the others, and the publisher. */
export async function stalledTable(plan: StalledPlan, progress: (text: string) => void): Promise<Table> {
  const { rounds } = plan
  const samples = cases.map((): (Sample | undefined)[] => [])
  let why = ''
  for (let round = 0; round < rounds; round++)
    for (let c = 0; c < cases.length; c++) {
      const index = (c + round) % cases.length
      progress(`round ${round + 1}/${rounds}  ${cases[index]!.name}`)
      try {
        samples[index]!.push(await sample(cases[index]!, plan))
      } catch (error) {
        samples[index]!.push(undefined)
        why = error instanceof Error ? error.message : String(error)
      }
    }
  const [alone] = samples
  return {
    title: 'Live subscribers among stalled ones, over WebSocket',
    columns: [
      '',
      'messages/s to the 1,000 live',
      'over nobody stalled',
      'publisher CPU µs',
      'stalled ones left',
      'memory when they are full, KB each',
      'and after the run',
    ],
    rows: cases.map(({ name, stalls }, index) => {
      const some = samples[index]!.filter((sample) => sample !== undefined)
      if (some.length === 0) return [name, `failed: ${why}`, '–', '–', '–', '–', '–']
      const ratios = samples[index]!.flatMap((sample, round) => {
        const other = alone![round]
        return sample && other ? [sample.messagesPerSecond / other.messagesPerSecond] : []
      })
      const each = (pick: (sample: Sample) => number) => (stalls === 0 ? '–' : triple(some.map(pick)))
      return [
        name,
        triple(some.map(({ messagesPerSecond }) => messagesPerSecond)),
        `${readable(summarize(ratios).median)}×`,
        triple(some.map(({ publisherCpu }) => publisherCpu)),
        each(({ left }) => left),
        each(({ filled }) => filled / stalled / 1e3),
        each(({ after }) => after / stalled / 1e3),
      ]
    }),
  }
}

async function sample({ variant, stalls }: (typeof cases)[number], plan: StalledPlan): Promise<Sample> {
  await using audience = await Audience.gather(variant, ['--expose-gc'])
  const { client, server } = audience.pair
  const live = await server.ask<number>({ kind: 'task', name: 'subscribers', count: 0 })
  await audience.listen(inTurns, plan.warmUpSeconds)
  const before = await memory(audience)
  if (stalls > 0) {
    await client.ask({ kind: 'task', name: 'stall', count: stalls })
    await server.ask({ kind: 'task', name: 'joined', count: live + stalls })
  }
  await audience.publish('turns', fillingMessages)
  const filled = await memory(audience)
  const { messagesPerSecond, publisherCpu } = await audience.listen(inTurns, plan.seconds)
  const after = await memory(audience)
  const now = await server.ask<number>({ kind: 'task', name: 'subscribers', count: 0 })
  return { messagesPerSecond, publisherCpu, filled: filled - before, after: after - before, left: now - live }
}

async function memory({ pair: { server } }: Audience): Promise<number> {
  // The second collection frees what finalizers of the first let go.
  await server.ask({ kind: 'usage' })
  const { heapUsed, external } = await server.ask<Usage>({ kind: 'usage' })
  return heapUsed + external
}

function triple(values: readonly number[]): string {
  const { min, median, max } = summarize(values)
  return [min, median, max].map(readable).join(' / ')
}
