import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { type Client, type ClientOptions, createClient } from '@hawser/client'
import { json } from '@hawser/codec-json'
import { testAuthority } from '@hawser/compliance/harness'
import {
  type Clock,
  type Codec,
  type LogEntry,
  RpcError,
  type Transport,
  type VirtualClock,
} from '@hawser/contract'
import { createServer, type Server, type ServerOptions } from '@hawser/server'
import { ipc } from '@hawser/transport-ipc'
import { memory } from '@hawser/transport-memory'
import { tcp } from '@hawser/transport-tcp'
import { worker } from '@hawser/transport-worker'
import { ws } from '@hawser/transport-ws'

/** What a {@link stack} is laid of. */
export interface StackOptions {
  /** Default: memory. */
  readonly transport?: Transport | undefined
  /** Default: a name of the memory transport. */
  readonly address?: string | undefined
  /** Default: json. */
  readonly codecs?: readonly Codec[] | undefined
  /** Of all parts. */
  readonly clock?: Clock | undefined
  readonly server?: Partial<ServerOptions> | undefined
  readonly client?: Partial<ClientOptions> | undefined
}

/** A server that listens, and a client that can reach it. */
export interface Stack extends AsyncDisposable {
  readonly server: Server
  readonly client: Client
  readonly address: string
  /** What both logged. */
  readonly log: readonly LogEntry[]
}

/** Client first, so that the server finds nothing under way. */
export async function stack(options: StackOptions = {}): Promise<Stack> {
  const { clock, codecs = [json()] } = options
  const transport = options.transport ?? memory(clock ? { clock } : {})
  const log: LogEntry[] = []
  const shared = { transports: [transport], codecs, clock, log: (entry: LogEntry) => void log.push(entry) }
  const server = createServer({ ...shared, ...options.server })
  const client = createClient({ ...shared, ...options.client })
  const { address } = await server.listen(options.address ?? 'memory://stack')
  return {
    server,
    client,
    address,
    log,
    async [Symbol.asyncDispose]() {
      await client.close()
      await server.close()
    },
  }
}

/** Every boundary there is, each with an address that can be listened on. */
export function transports(): readonly {
  readonly name: string
  readonly transport: Transport
  readonly address: string
}[] {
  const authority = testAuthority()
  const { cert, key } = authority.issue('127.0.0.1')
  const tls = { server: { cert, key }, client: { ca: authority.cert } }
  const socket = join(tmpdir(), `hawser-${process.pid}-${randomUUID()}.sock`)
  return [
    { name: 'memory', transport: memory(), address: 'memory://stack' },
    { name: 'tcp', transport: tcp(), address: 'tcp://127.0.0.1:0' },
    { name: 'tls', transport: tcp({ tls }), address: 'tls://127.0.0.1:0' },
    { name: 'ipc', transport: ipc(), address: `ipc://${socket}` },
    { name: 'ws', transport: ws(), address: 'ws://127.0.0.1:0' },
    { name: 'wss', transport: ws({ tls }), address: 'wss://127.0.0.1:0' },
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

/** The same with its clock, which goes on while it is disposed of: what that waits for comes to an end. */
export function inVirtualTime<T extends AsyncDisposable>(
  all: T,
  clock: VirtualClock,
): T & { readonly clock: VirtualClock } {
  return {
    ...all,
    clock,
    async [Symbol.asyncDispose]() {
      const disposed = all[Symbol.asyncDispose]()
      await clock.advance(60_000)
      await disposed
    },
  }
}

/** How a promise has ended after some virtual time, if it has; of a rejection its code, reason and fate. */
export async function outcomeAfter(
  clock: VirtualClock,
  milliseconds: number,
  promise: Promise<unknown>,
): Promise<unknown> {
  let outcome: unknown = 'goes on'
  const done = (value: unknown) => {
    outcome = RpcError.is(value) ? `${value.code}/${value.reason}/${value.executed}` : value
  }
  promise.then(done, done)
  await clock.advance(milliseconds)
  return outcome
}

/** A promise, and what settles it. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(reason: unknown): void
}

export function deferred<T = void>(): Deferred<T> {
  let resolve!: (value: T) => void
  let reject!: (reason: unknown) => void
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

/** Waits until something holds that comes about by itself. */
export async function until(holds: () => boolean, withinMs = 5_000): Promise<void> {
  const giveUp = performance.now() + withinMs
  while (!holds()) {
    if (performance.now() > giveUp) throw new Error(`It did not come about: ${holds}`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** All items of a stream. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
