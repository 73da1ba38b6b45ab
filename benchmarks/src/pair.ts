import { Child } from './child.js'
import type { Measured, Started, Usage } from './messages.js'
import type { Subject } from './subjects.js'

/** What one round of one cell gave. */
export interface Sample {
  readonly callsPerSecond: number
  /** Microseconds. */
  readonly p50: number
  readonly p99: number
  /** Microseconds of processor time per call. */
  readonly clientCpu: number
  readonly serverCpu: number
  /** Bytes, after the load. */
  readonly serverRss: number
}

/** One size of the string and one number of calls in flight. */
export interface Cell {
  readonly bytes: number
  readonly inFlight: number
}

/** How long. */
export interface Durations {
  readonly warmUpSeconds: number
  readonly seconds: number
}

/** A server and a client process with one connection between them. */
export class Pair implements AsyncDisposable {
  readonly server: Child
  readonly client: Child

  constructor(nodeOptions: readonly string[] = []) {
    this.server = new Child(nodeOptions)
    this.client = new Child(nodeOptions)
  }

  async start({ folder, variant }: Pick<Subject, 'folder' | 'variant'>, inFlight: number): Promise<void> {
    const common = { kind: 'start', folder, variant, inFlight } as const
    const { address } = await this.server.ask<Started>({ ...common, role: 'server', address: '' })
    await this.client.ask<Started>({ ...common, role: 'client', address })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.server[Symbol.asyncDispose](), this.client[Symbol.asyncDispose]()])
  }
}

/** Runs one subject once, in processes of its own. */
export async function measure(
  subject: Subject,
  { bytes, inFlight }: Cell,
  { warmUpSeconds, seconds }: Durations,
): Promise<Sample> {
  await using pair = new Pair()
  await pair.start(subject, inFlight)
  const { client, server } = pair
  await client.ask({ kind: 'warm', bytes, inFlight, seconds: warmUpSeconds }, warmUpSeconds + 15)
  const before = await server.ask<Usage>({ kind: 'usage' })
  const measured = await client.ask<Measured>({ kind: 'measure', seconds }, seconds + 15)
  const after = await server.ask<Usage>({ kind: 'usage' })
  return {
    callsPerSecond: measured.calls / measured.seconds,
    p50: measured.p50,
    p99: measured.p99,
    clientCpu: measured.cpu / measured.calls,
    serverCpu: (after.cpu - before.cpu) / measured.calls,
    serverRss: after.rss,
  }
}
