import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { msgpack } from '@hawser/codec-msgpack'
import { type Codec, type Limits, limitsWith, type Transport } from '@hawser/contract'
import { ipc } from '@hawser/transport-ipc'
import { memory } from '@hawser/transport-memory'
import { tcp } from '@hawser/transport-tcp'
import { ws } from '@hawser/transport-ws'

/** What server and client are made of, and where the server listens. */
export interface Strands {
  readonly transports: readonly Transport[]
  readonly codecs: readonly Codec[]
  readonly limits: Partial<Limits>
  readonly context: boolean
}

// All peers of these runs are one host, and cancelling is all that one of them does.
const many: Partial<Limits> = {
  connections: 20_000,
  connectionsPerPeer: 20_000,
  cancelRate: 1e6,
  cancelBurst: 1e6,
}

const overTcp = { make: () => tcp(), address: () => 'tcp://127.0.0.1:0' }

const boundaries: Readonly<Record<string, { make(): Transport; address(): string }>> = {
  ipc: { make: () => ipc(), address: () => `ipc://${join(tmpdir(), `hawser-bench-${process.pid}.sock`)}` },
  ws: { make: () => ws(), address: () => 'ws://127.0.0.1:0' },
  memory: { make: () => memory(), address: () => 'memory://bench' },
  many: { ...overTcp, make: () => tcp({ limits: limitsWith(many), backlog: 1024 }) },
}

/**
 * `nocontext`: without the async context; `many`: for the memory and leak runs; `ipc`, `ws`, `memory`: another transport;
 * '': as it comes.
 */
export function strands(variant: string): Strands {
  const { make } = boundaries[variant] ?? overTcp
  const limits = variant === 'many' ? many : {}
  return { transports: [make()], codecs: [msgpack()], limits, context: variant !== 'nocontext' }
}

/** Where to listen. */
export function addressFor(variant: string): string {
  return (boundaries[variant] ?? overTcp).address()
}

/** Do both ends live in the client's process? */
export function inOneProcess(variant: string): boolean {
  return variant === 'memory' || variant === 'one-process'
}
