/** What a thread is reached through, as far as sending goes. */
interface Poster {
  postMessage(message: unknown, transfer?: readonly object[]): void
}

/** Tells of messages as Node's `Worker` and `MessagePort` do. */
interface EmitterPort extends Poster {
  on(event: string, listener: (value: unknown) => void): unknown
  off(event: string, listener: (value: unknown) => void): unknown
}

/** Tells of messages as a browser's `Worker` and `MessagePort` do. */
interface TargetPort extends Poster {
  addEventListener(type: string, listener: (event: object) => void): void
  removeEventListener(type: string, listener: (event: object) => void): void
}

/** A `Worker`, a `MessagePort` or the `parentPort` of Node.js, or a `Worker`, `MessagePort` or worker scope of a browser. */
export type PortLike = EmitterPort | TargetPort

// On the port, since several transports, also of several copies of this package, may listen on one.
const idleListeners: unique symbol = Symbol.for('hawser.transport-worker.idle')

/** What only some ports can do. */
interface Abilities {
  start?(): void
  close?(): void
  ref?(): void
  unref?(): void
  listenerCount?(event: string): number
  terminate?(): unknown
  readonly threadId?: number
  [idleListeners]?: number
}

/** What a port tells. */
export interface PortEvents {
  message?(value: unknown): void
  /** A message came that cannot be read. */
  unreadable?(): void
  /** The other side is gone, where the platform tells. */
  gone?(): void
}

/** Listens, until the function returned is called. Nothing is lost that came to a `MessagePort` before. */
export function watch(port: PortLike, events: PortEvents): () => void {
  const { message, unreadable, gone } = events
  const listeners: [string, (value: unknown) => void][] = []
  if (gone) listeners.push(['close', () => gone()])
  if (gone && isWorker(port)) listeners.push(['exit', () => gone()])
  if (unreadable) listeners.push(['messageerror', () => unreadable()])
  if ('on' in port) {
    if (message) listeners.push(['message', message])
    for (const [event, listener] of listeners) port.on(event, listener)
    return () => {
      for (const [event, listener] of listeners) port.off(event, listener)
    }
  }
  if (message) listeners.push(['message', (event) => message((event as { readonly data: unknown }).data)])
  for (const [event, listener] of listeners) port.addEventListener(event, listener)
  if (message) (port as Abilities).start?.()
  return () => {
    for (const [event, listener] of listeners) port.removeEventListener(event, listener)
  }
}

export function closePort(port: PortLike): void {
  ;(port as Abilities).close?.()
}

/** A `Worker` passes messages on from the start, heard or not; a port keeps them until somebody listens. */
export function isWorker(port: PortLike): boolean {
  return (port as Abilities).terminate !== undefined
}

/** Node.js only: a worker that has ended has no id. */
export function isOver(port: PortLike): boolean {
  return isWorker(port) && (port as Abilities).threadId === -1
}

/** Lets a port that is listened on keep its thread alive. Whether a `Worker` does is for its owner to say. */
export function hold(port: PortLike): void {
  if (!isWorker(port)) (port as Abilities).ref?.()
}

/** Counts the listeners that need not keep the thread alive. When all are such, the port lets go. */
export function countIdle(port: PortLike, change: 1 | -1): void {
  const able = port as Abilities
  if (isWorker(port) || !able.unref) return
  const count = (able[idleListeners] ?? 0) + change
  able[idleListeners] = count
  if (change > 0 && (able.listenerCount?.('message') ?? 0) <= count) able.unref()
}

/** The two ends of a channel, one of which is transferred. */
export interface Channel {
  readonly port1: PortLike
  readonly port2: PortLike
}

interface Scope {
  readonly MessageChannel: new () => Channel
  readonly process?: { getBuiltinModule?(name: string): unknown }
  readonly DedicatedWorkerGlobalScope?: abstract new () => object
}

// No import of node:worker_threads, which a browser would not find.
const scope = globalThis as unknown as Scope

export function createChannel(): Channel {
  return new scope.MessageChannel()
}

/** The port to the thread that started this one; undefined in a main thread. */
export function parentPort(): PortLike | undefined {
  const node = scope.process?.getBuiltinModule?.('node:worker_threads') as
    | { readonly parentPort: PortLike | null }
    | undefined
  if (node) return node.parentPort ?? undefined
  const { DedicatedWorkerGlobalScope } = scope
  const inWorker = DedicatedWorkerGlobalScope && globalThis instanceof DedicatedWorkerGlobalScope
  return inWorker ? (globalThis as unknown as PortLike) : undefined
}
