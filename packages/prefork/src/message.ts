import type { PeerInfo } from '@hawser/contract'

// All that crosses between the main program and its children. Whatever else comes is not ours, or not well-formed: a module
// may send messages of its own over the same pipe.

const mark = 'prefork/1'

/** What a child is told. */
export type ToChild =
  /** First: what to be. */
  | {
      readonly kind: 'start'
      readonly worker: number
      readonly model: string
      readonly module: string
      readonly listen: readonly string[]
      readonly drainMs: number
      /** Connections are handed over, or taken by itself through the cluster. */
      readonly accept: 'handed' | 'cluster'
    }
  /** Beside a socket, or before a connection between threads. */
  | { readonly kind: 'connection'; readonly id: number; readonly listener: number; readonly peer?: PeerInfo }
  | { readonly kind: 'channel'; readonly body: unknown }
  | { readonly kind: 'ping' }
  /** No more connections come: end those there are, then leave. */
  | { readonly kind: 'drain' }
  /** Leave now. */
  | { readonly kind: 'stop' }

/** What a child tells. */
export type FromChild =
  /** First: it listens, and asks what to be. Its number it does not know yet: 0. */
  | { readonly kind: 'hello' }
  | { readonly kind: 'ready'; readonly addresses: readonly string[] }
  | { readonly kind: 'failed'; readonly message: string }
  /** It has a connection. */
  | { readonly kind: 'taken'; readonly id: number }
  /** A connection is over. */
  | { readonly kind: 'done'; readonly id: number }
  | { readonly kind: 'channel'; readonly body: unknown }
  | { readonly kind: 'pong' }
  /** It was asked by somebody else to go, and would like to be drained. */
  | { readonly kind: 'leaving' }

/** A message with the number of the child it is for, or from. No two children of a program have the same. */
export type Marked<M> = M & { readonly hawser: typeof mark; readonly generation: number }

export function marked<M extends ToChild | FromChild>(message: M, generation: number): Marked<M> {
  return { ...message, hawser: mark, generation }
}

/** Is it meant to be one of these messages? */
export function isOurs(value: unknown): boolean {
  return isRecord(value) && value.hawser === mark
}

/** What a child was told; undefined for anything malformed. */
export function readToChild(value: unknown): Marked<ToChild> | undefined {
  return read<ToChild>(value, toChild)
}

/** What a child tells; undefined for anything malformed. */
export function readFromChild(value: unknown): Marked<FromChild> | undefined {
  return read<FromChild>(value, fromChild)
}

type Check = (value: unknown) => boolean
type Shape = Readonly<Record<string, Check>>

const any: Check = () => true
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const text: Check = (value) => typeof value === 'string' && value.length <= longestText
const texts: Check = (value) => Array.isArray(value) && value.every(text)
const longestText = 16_384

const toChild: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  [
    'start',
    {
      worker: count,
      model: text,
      module: text,
      listen: texts,
      drainMs: count,
      accept: (value) => value === 'handed' || value === 'cluster',
    },
  ],
  ['connection', { id: count, listener: count, peer: (value) => value === undefined || isPeer(value) }],
  ['channel', { body: any }],
  ['ping', {}],
  ['drain', {}],
  ['stop', {}],
])

const fromChild: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ['hello', {}],
  ['ready', { addresses: texts }],
  ['failed', { message: text }],
  ['taken', { id: count }],
  ['done', { id: count }],
  ['channel', { body: any }],
  ['pong', {}],
  ['leaving', {}],
])

function read<M extends object>(value: unknown, shapes: ReadonlyMap<string, Shape>): Marked<M> | undefined {
  if (!isOurs(value) || !isRecord(value) || !count(value.generation)) return undefined
  const { kind } = value
  const shape = typeof kind === 'string' ? shapes.get(kind) : undefined
  if (!shape) return undefined
  for (const key of Object.keys(value))
    if (key !== 'hawser' && key !== 'generation' && key !== 'kind' && !Object.hasOwn(shape, key))
      return undefined
  for (const [key, check] of Object.entries(shape)) if (!check(value[key])) return undefined
  return value as unknown as Marked<M>
}

function isPeer(value: unknown): boolean {
  if (!isRecord(value) || !text(value.address)) return false
  const { host, tls } = value
  if (host !== undefined && !text(host)) return false
  return tls === undefined || (isRecord(tls) && typeof tls.verified === 'boolean')
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
