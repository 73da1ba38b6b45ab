import {
  type Clock,
  defaultLimits,
  type Limits,
  type Log,
  RpcError,
  systemClock,
  type Transport,
} from '@hawser/contract'
import { addressOf, anyone, checkName, nameOf } from './address.js'
import { type DialOptions, unreachable } from './dial.js'
import { type WorkerEvent, WorkerListener } from './listener.js'
import { type PortLike, parentPort } from './port.js'
import { Thread } from './thread.js'

/** How {@link worker} can be told to be. Sizes are bytes, times milliseconds. */
export interface WorkerOptions {
  /** Threads by name, as {@link WorkerTransport.add} takes them. */
  readonly workers?: Readonly<Record<string, PortLike>> | undefined
  readonly limits?: Limits | undefined
  readonly clock?: Clock | undefined
  /** Default `limits.connectMs`. */
  readonly connectTimeoutMs?: number | undefined
  /** What an end takes in while it does not read, give or take one message. Default 1 MiB. */
  readonly windowBytes?: number | undefined
  /** Counts connections that were not taken. */
  readonly count?: ((event: WorkerEvent) => void) | undefined
  /** Told when accepting a connection fails. */
  readonly log?: Log | undefined
}

/** A transport that is told which threads there are. */
export interface WorkerTransport extends Transport {
  /**
   * Lets the thread behind a port be reached under a name; one that had the name before is forgotten, though the
   * connections to it live on. The port stays the caller's, to use for other messages and to close.
   * @throws TypeError for a name that is not 1 to 128 of [A-Za-z0-9_.-]
   */
  add(name: string, port: PortLike): void
  /** Forgets a thread; connections live on. False when there is none of that name. */
  remove(name: string): boolean
}

const defaultWindow = 1024 * 1024
const parent = 'parent'

/**
 * The transport for `worker://` addresses. In a worker, `worker://parent` is the thread that started it.
 * @throws TypeError for a name or a window that is none
 */
export function worker(options: WorkerOptions = {}): WorkerTransport {
  const limits = options.limits ?? defaultLimits
  const shared: DialOptions = {
    limits,
    clock: options.clock ?? systemClock(),
    windowBytes: options.windowBytes ?? defaultWindow,
    connectTimeoutMs: options.connectTimeoutMs ?? limits.connectMs,
  }
  if (!Number.isSafeInteger(shared.windowBytes) || shared.windowBytes < 1)
    throw new TypeError(`windowBytes is a whole number from 1 up, not ${shared.windowBytes}`)
  const listenOptions = { ...shared, count: options.count, log: options.log }
  const threads = new Map<string, Thread>()
  const listeners = new Map<string, WorkerListener>()
  const find = (name: string) => listeners.get(name) ?? listeners.get(anyone)

  function add(name: string, port: PortLike): void {
    checkName(name)
    threads.get(name)?.forget()
    const thread = new Thread(name, port, shared, find)
    threads.set(name, thread)
    if (find(name)) thread.listening(true)
  }
  // The parent is looked for when it is first needed: nothing is attached to a port that is not used.
  function meetParent(name: string): void {
    if ((name !== parent && name !== anyone) || threads.has(parent)) return
    const port = parentPort()
    if (port) add(parent, port)
  }
  function closed(listener: WorkerListener): void {
    for (const [name, each] of listeners) if (each === listener) listeners.delete(name)
    for (const thread of threads.values()) if (!find(thread.name)) thread.listening(false)
  }

  for (const [name, port] of Object.entries(options.workers ?? {})) add(name, port)
  return {
    name: 'worker',
    schemes: ['worker'],
    features: { boundaries: 'message', listens: true, crossesProcess: false, encrypts: false },
    add,
    remove(name) {
      threads.get(name)?.forget()
      return threads.delete(name)
    },
    async dial(address, cancel = {}) {
      const name = nameOf(address, 'dial')
      cancel.signal?.throwIfAborted()
      meetParent(name)
      const thread = threads.get(name)
      if (!thread) throw unreachable(address, 'no thread has that name')
      return thread.dial(cancel)
    },
    async listen(address, accept, { signal } = {}) {
      const name = nameOf(address, 'listen')
      signal?.throwIfAborted()
      if (listeners.has(name))
        throw new RpcError('already_exists', `${addressOf(name)} is already being listened on`, {
          executed: 'no',
        })
      meetParent(name)
      const listener = new WorkerListener(name, listenOptions, accept, closed)
      listeners.set(name, listener)
      for (const thread of threads.values())
        if (name === anyone || name === thread.name) thread.listening(true)
      return listener
    },
  }
}
