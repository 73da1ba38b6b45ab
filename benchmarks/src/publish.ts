import type { Usage } from './messages.js'
import { Pair } from './pair.js'
import { readable, summarize } from './stats.js'
import type { Extremes } from './subjects/publish/client.js'
import type { Table } from './table.js'

const subscribers = 1_000
const settleMs = 250

/** One of the publishers compared. */
export interface PublishSubject {
  readonly name: string
  readonly packages: readonly string[]
  readonly about: string
}

/** For the publish run. The first is the one that others are compared with. */
export const publishSubjects: readonly PublishSubject[] = [
  { name: 'hawser-ws', packages: [], about: 'a topic, pulled over WebSocket as JSON' },
  { name: 'hawser-native', packages: [], about: 'the same topic, pulled over tcp in msgpack' },
  { name: 'socket.io', packages: ['socket.io'], about: 'emit to a room, over WebSocket' },
  {
    name: 'ws',
    packages: ['ws'],
    about: 'hand-written: the message encoded once, and sent to each client in a loop',
  },
  {
    name: 'ws-frame',
    packages: ['ws'],
    about: 'the same, but its frame is made once and written to the sockets',
  },
]

// In a batch of so many, the end, when only the last subscribers are waited for, does not count.
const many = 200

const patterns = [
  { name: 'turns', task: 'turns', batch: many, title: 'one message in each turn of the loop' },
  { name: 'bursts', task: 'bursts', batch: many, title: 'ten messages in each turn of the loop' },
  { name: 'alone', task: 'turns', batch: 1, title: 'the next message when all have the last one' },
] as const

interface Pattern {
  readonly task: 'turns' | 'bursts'
  readonly batch: number
}

const aims = [
  { of: 'hawser-ws', against: 'socket.io', aim: 2 },
  { of: 'hawser-ws', against: 'ws', aim: 0.9 },
  { of: 'hawser-native', against: 'socket.io', aim: 2 },
  { of: 'hawser-native', against: 'ws', aim: undefined },
]

interface PublishPlan {
  readonly subjects: readonly PublishSubject[]
  readonly rounds: number
  readonly seconds: number
  readonly warmUpSeconds: number
}

interface Sample {
  readonly messagesPerSecond: number
  /** Microseconds of processor time per message. */
  readonly publisherCpu: number
  readonly readerCpu: number
}

interface Outcome {
  readonly subject: PublishSubject
  readonly pattern: (typeof patterns)[number]
  /** By round; undefined where it failed. */
  readonly samples: (Sample | undefined)[]
  error?: string
}

/** A message to 1,000 subscribers: until the last of them has it. */
export async function publishTables(plan: PublishPlan, progress: (text: string) => void): Promise<Table[]> {
  const { subjects, rounds } = plan
  const outcomes = patterns.flatMap((pattern) =>
    subjects.map((subject): Outcome => ({ subject, pattern, samples: [] })),
  )
  for (let round = 0; round < rounds; round++)
    for (let s = 0; s < subjects.length; s++) {
      const subject = subjects[(s + round) % subjects.length]!
      progress(`round ${round + 1}/${rounds}  ${subscribers} subscribers  ${subject.name}`)
      await step(
        outcomes.filter((outcome) => outcome.subject === subject),
        plan,
      )
    }
  return [
    ...patterns.map((pattern) => table(pattern, outcomes)),
    {
      title: 'Messages/s over those of',
      columns: ['', 'subject', 'measured', 'aimed at', 'publisher’s CPU, theirs over it'],
      rows: patterns.filter(({ batch }) => batch > 1).flatMap((pattern) => aimRows(pattern, outcomes)),
    },
  ]
}

// Both patterns by the same processes.
async function step(outcomes: readonly Outcome[], plan: PublishPlan): Promise<void> {
  try {
    await using audience = await Audience.gather(outcomes[0]!.subject.name)
    for (const { pattern, samples } of outcomes) {
      await audience.listen(pattern, plan.warmUpSeconds)
      samples.push(await audience.listen(pattern, plan.seconds))
    }
  } catch (error) {
    for (const outcome of outcomes) {
      outcome.samples.push(undefined)
      outcome.error = error instanceof Error ? error.message : String(error)
    }
  }
}

/** A publisher, and subscribers who read all they get. */
export class Audience implements AsyncDisposable {
  readonly pair: Pair
  /** Bytes that a message takes on the wire. */
  readonly messageBytes: number

  private constructor(pair: Pair, messageBytes: number) {
    this.pair = pair
    this.messageBytes = messageBytes
  }

  static async gather(variant: string, nodeOptions: readonly string[] = []): Promise<Audience> {
    const pair = new Pair(nodeOptions)
    try {
      await pair.start({ folder: 'publish', variant }, 1)
      const { client, server } = pair
      await client.ask({ kind: 'task', name: 'subscribe', count: subscribers })
      await server.ask({ kind: 'task', name: 'joined', count: subscribers })
      await client.ask<Extremes>({ kind: 'task', name: 'settled', count: settleMs })
      await server.ask({ kind: 'task', name: 'turns', count: 1 })
      const { least, most } = await client.ask<Extremes>({ kind: 'task', name: 'settled', count: settleMs })
      if (least === 0 || least !== most) throw new Error(`a message took from ${least} to ${most} bytes`)
      return new Audience(pair, least)
    } catch (error) {
      await pair[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Publishes so many messages, until the last subscriber has the last of them. */
  async publish(task: string, messages: number): Promise<void> {
    const { client, server } = this.pair
    const bytes = messages * subscribers * this.messageBytes
    await Promise.all([
      server.ask({ kind: 'task', name: task, count: messages }, 60),
      client.ask({ kind: 'task', name: 'received', count: bytes }, 60),
    ])
  }

  /** Publishes for so many seconds. */
  async listen({ task, batch }: Pattern, seconds: number): Promise<Sample> {
    const before = await this.#cpu()
    const begin = performance.now()
    let messages = 0
    let elapsed = 0
    do {
      await this.publish(task, batch)
      messages += batch
      elapsed = (performance.now() - begin) / 1_000
    } while (elapsed < seconds)
    const after = await this.#cpu()
    return {
      messagesPerSecond: messages / elapsed,
      publisherCpu: (after.publisher - before.publisher) / messages,
      readerCpu: (after.reader - before.reader) / messages,
    }
  }

  async #cpu(): Promise<Record<'publisher' | 'reader', number>> {
    const { client, server } = this.pair
    const [publisher, reader] = await Promise.all(
      [server, client].map((side) => side.ask<Usage>({ kind: 'usage' })),
    )
    return { publisher: publisher!.cpu, reader: reader!.cpu }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.pair[Symbol.asyncDispose]()
  }
}

function table(pattern: Outcome['pattern'], outcomes: readonly Outcome[]): Table {
  const members = outcomes.filter((outcome) => outcome.pattern === pattern)
  const [base] = members
  return {
    title: `100 B to ${subscribers} subscribers, ${pattern.title}`,
    columns: ['', 'messages/s', 'publisher CPU µs', 'readers’ CPU µs', `${base!.subject.name} ÷ it`],
    rows: members.map((outcome) => {
      const samples = outcome.samples.filter((sample) => sample !== undefined)
      if (samples.length === 0) return [outcome.subject.name, `failed: ${outcome.error}`, '–', '–', '–']
      return [
        outcome.subject.name,
        triple(samples.map(({ messagesPerSecond }) => messagesPerSecond)),
        triple(samples.map(({ publisherCpu }) => publisherCpu)),
        triple(samples.map(({ readerCpu }) => readerCpu)),
        `${readable(ratio(base!, outcome, rate))}×`,
      ]
    }),
  }
}

function aimRows(pattern: Outcome['pattern'], outcomes: readonly Outcome[]): string[][] {
  const find = (name: string) =>
    outcomes.find((outcome) => outcome.pattern === pattern && outcome.subject.name === name)
  return aims.flatMap(({ of, against, aim }) => {
    const [ours, theirs] = [find(of), find(against)]
    if (!ours || !theirs) return []
    const aimed = aim === undefined ? '' : `${aim}×`
    const measured = `${readable(ratio(ours, theirs, rate))}×`
    const ofCpu = `${readable(ratio(theirs, ours, ({ publisherCpu }) => publisherCpu))}×`
    return [[`${of}, ${pattern.name}`, against, measured, aimed, ofCpu]]
  })
}

function rate({ messagesPerSecond }: Sample): number {
  return messagesPerSecond
}

// The median of the ratios within each round.
function ratio(above: Outcome, below: Outcome, pick: (sample: Sample) => number): number {
  const ratios = above.samples.flatMap((sample, round) => {
    const other = below.samples[round]
    return sample && other ? [pick(sample) / pick(other)] : []
  })
  return summarize(ratios).median
}

function triple(values: readonly number[]): string {
  const { min, median, max } = summarize(values)
  return [min, median, max].map(readable).join(' / ')
}
