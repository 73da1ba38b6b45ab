import { json } from '@hawser/codec-json'
import type { Clock, Codec, Transport, VirtualClock } from '@hawser/contract'
import { createServer, type Server, type ServerOptions } from '@hawser/server'
import { memory } from '@hawser/transport-memory'
import { type Client, type ClientOptions, createClient } from '../../src/index.js'

/** What a {@link stack} is laid of. */
export interface StackOptions {
  /** Default: memory. */
  readonly transport?: Transport | undefined
  readonly address?: string | undefined
  /** Default: json. */
  readonly codecs?: readonly Codec[] | undefined
  readonly clock?: Clock | undefined
  readonly server?: Partial<ServerOptions> | undefined
  readonly client?: Partial<ClientOptions> | undefined
}

/** The whole server, and this package's client. */
export interface Stack extends AsyncDisposable {
  readonly server: Server
  readonly client: Client
  readonly address: string
}

export async function stack(options: StackOptions = {}): Promise<Stack> {
  const { clock, codecs = [json()] } = options
  const transport = options.transport ?? memory(clock ? { clock } : {})
  const shared = { transports: [transport], codecs, clock, log: () => {} }
  const server = createServer({ ...shared, ...options.server })
  const client = createClient({ ...shared, ...options.client })
  const { address } = await server.listen(options.address ?? 'memory://lite')
  return {
    server,
    client,
    address,
    async [Symbol.asyncDispose]() {
      const closed = client.close().then(() => server.close())
      if (clock && 'advance' in clock) await (clock as VirtualClock).advance(60_000)
      await closed
    },
  }
}
