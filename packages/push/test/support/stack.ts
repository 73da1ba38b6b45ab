import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { type Client, type ClientOptions, createClient } from '@hawser/client'
import { createClient as createLite } from '@hawser/client-lite'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import type { Clock, Codec, LogEntry, Transport } from '@hawser/contract'
import { createServer, type Server, type ServerOptions } from '@hawser/server'
import { ipc } from '@hawser/transport-ipc'
import { memory } from '@hawser/transport-memory'
import { tcp } from '@hawser/transport-tcp'
import { worker } from '@hawser/transport-worker'
import { ws } from '@hawser/transport-ws'
import type { PullClient } from '../../src/index.js'

/** What a {@link stack} is laid of. */
export interface StackOptions {
  /** Default: memory. */
  readonly transport?: Transport | undefined
  readonly address?: string | undefined
  /** Default: json, msgpack. */
  readonly codecs?: readonly Codec[] | undefined
  readonly clock?: Clock | undefined
  readonly server?: Partial<ServerOptions> | undefined
  readonly client?: Partial<ClientOptions> | undefined
}

/** A server that listens, and clients that can reach it. */
export interface Stack extends AsyncDisposable {
  readonly server: Server
  readonly client: Client
  /** One more client, with a connection of its own. */
  another(options?: Partial<ClientOptions>): Client
  /** The client for pages. */
  lite(): PullClient
  readonly address: string
  readonly log: readonly LogEntry[]
}

export async function stack(options: StackOptions = {}): Promise<Stack> {
  const { clock, codecs = [json(), msgpack()] } = options
  const transport = options.transport ?? memory(clock ? { clock } : {})
  const log: LogEntry[] = []
  const shared = { transports: [transport], codecs, clock, log: (entry: LogEntry) => void log.push(entry) }
  const server = createServer({ ...shared, ...options.server })
  const { address } = await server.listen(options.address ?? 'memory://stack')
  const clients: (AsyncDisposable & { close(): Promise<void> })[] = []
  const another = (more: Partial<ClientOptions> = {}) => {
    const client = createClient({ ...shared, ...options.client, ...more })
    clients.push(client)
    return client
  }
  return {
    server,
    client: another(),
    another,
    lite() {
      const client = createLite(shared)
      clients.push(client)
      return client
    },
    address,
    log,
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()))
      await server.close()
    },
  }
}

/** Every boundary of the native protocol, each with an address that can be listened on. */
export function transports(): readonly {
  readonly name: string
  readonly transport: Transport
  readonly address: string
}[] {
  const socket = join(tmpdir(), `hawser-${process.pid}-${randomUUID()}.sock`)
  return [
    { name: 'memory', transport: memory(), address: 'memory://stack' },
    { name: 'tcp', transport: tcp(), address: 'tcp://127.0.0.1:0' },
    { name: 'ipc', transport: ipc(), address: `ipc://${socket}` },
    { name: 'ws', transport: ws(), address: 'ws://127.0.0.1:0' },
    { name: 'worker', transport: channel(), address: 'worker://stack' },
  ]
}

// Two threads have a transport each; here both ends of the channel are in one thread, and each calls the other by one name.
function channel(): Transport {
  const { port1, port2 } = new MessageChannel()
  const here = worker({ workers: { stack: port1 } })
  const there = worker({ workers: { stack: port2 } })
  return { ...here, listen: there.listen }
}

/** Waits until something holds that comes about by itself. */
export async function until(holds: () => boolean, withinMs = 5_000): Promise<void> {
  const giveUp = performance.now() + withinMs
  while (!holds()) {
    if (performance.now() > giveUp) throw new Error(`It did not come about: ${holds}`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** So many items of a stream. */
export async function take<T>(items: AsyncIterator<T>, count: number): Promise<T[]> {
  const all: T[] = []
  while (all.length < count) {
    const { value, done } = await items.next()
    if (done) break
    all.push(value)
  }
  return all
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}
