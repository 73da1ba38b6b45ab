import { type Client, type ClientOptions, createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { type Clock, type Middleware, RpcError, type Transport } from '@hawser/contract'
import { createServer, type Server } from '@hawser/server'

/** What became of the calls that were made in one stretch of time. */
export interface Tally {
  made: number
  good: number
  /** How often each kind of failure came. */
  readonly bad: Map<string, number>
}

/** A server and clients that do not wait for one call to make the next. */
export interface Load {
  readonly client: Client
  /** Calls that arrived at the server. */
  readonly arrived: () => number
  /** Makes a call, and notes in the tally how it ends. */
  call(tally: Tally): void
  close(): Promise<void>
}

export const tally = (): Tally => ({ made: 0, good: 0, bad: new Map() })

/** What a load is laid of. */
export interface LoadOptions {
  readonly transport: Transport
  readonly address: string
  readonly clock?: Clock
  /** Around the calls as they arrive. */
  readonly server: readonly Middleware[]
  readonly client: Partial<ClientOptions>
  readonly timeoutMs: number
  readonly idempotent?: boolean
  /** What the method does. */
  work(): unknown
}

export async function load(options: LoadOptions): Promise<Load> {
  const { transport, clock, timeoutMs, idempotent = false } = options
  const strands = { transports: [transport], codecs: [json()], clock, log: () => {} }
  let arrived = 0
  const counting: Middleware = (next) => (call) => {
    arrived++
    return next(call)
  }
  const server: Server = createServer({ ...strands, middleware: [counting, ...options.server] })
  server.rpc('/work', () => options.work())
  const { address } = await server.listen(options.address)
  const client = createClient({ ...strands, ...options.client })
  const work = client.remote<() => void>(address, '/work').with({ timeoutMs, idempotent })
  return {
    client,
    arrived: () => arrived,
    call(tally) {
      tally.made++
      work().then(
        () => void tally.good++,
        (error: unknown) => {
          const why = RpcError.is(error) ? (error.reason ?? error.code) : String(error)
          tally.bad.set(why, (tally.bad.get(why) ?? 0) + 1)
        },
      )
    },
    async close() {
      await client.close()
      await server.close()
    },
  }
}
