import { type Connection, type Limits, type Listener, type Log, RpcError } from '@hawser/contract'
import { addressOf } from './address.js'
import { PortDriver, type Surroundings } from './driver.js'
import type { PortLike } from './port.js'

/** Why a connection was not taken; the closed set of what is counted. */
export type WorkerEvent =
  /** The listener has as many connections as it may. */
  | 'worker_drop_connections'
  /** One thread has as many as it may. */
  | 'worker_drop_peer'

/** What a listener needs to know. */
export interface ListenOptions extends Surroundings {
  readonly limits: Limits
  readonly count: ((event: WorkerEvent) => void) | undefined
  readonly log: Log | undefined
}

/** A name being listened on: takes the connections that the thread of that name asks for. */
export class WorkerListener implements Listener {
  readonly address: string
  readonly #options: ListenOptions
  readonly #accept: (connection: Connection) => void
  readonly #closed: (listener: WorkerListener) => void
  readonly #perThread = new Map<string, number>()
  #connections = 0

  constructor(
    name: string,
    options: ListenOptions,
    accept: (connection: Connection) => void,
    closed: (listener: WorkerListener) => void,
  ) {
    this.address = addressOf(name)
    this.#options = options
    this.#accept = accept
    this.#closed = closed
  }

  async close(): Promise<void> {
    this.#closed(this)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Makes a connection of a port that a thread has sent; false when there are too many. */
  take(port: PortLike, thread: string): boolean {
    const { count, limits } = this.#options
    const ofThread = this.#perThread.get(thread) ?? 0
    const full =
      this.#connections >= limits.connections
        ? 'worker_drop_connections'
        : ofThread >= limits.connectionsPerPeer
          ? 'worker_drop_peer'
          : undefined
    if (full) {
      count?.(full)
      return false
    }
    this.#connections++
    this.#perThread.set(thread, ofThread + 1)
    const host = addressOf(thread)
    port.postMessage('open', [])
    const { connection } = new PortDriver(port, { address: host, host }, this.#options, () =>
      this.#left(thread),
    )
    try {
      this.#accept(connection)
    } catch (error) {
      // A fault of the program costs this connection, not the thread.
      connection.abort(RpcError.from(error))
      this.#options.log?.({
        level: 'error',
        event: 'accept_threw',
        message: `${this.address}: A connection was dropped because accepting it failed`,
        error,
      })
    }
    return true
  }

  #left(thread: string): void {
    this.#connections--
    const ofThread = this.#perThread.get(thread)! - 1
    if (ofThread > 0) this.#perThread.set(thread, ofThread)
    else this.#perThread.delete(thread)
  }
}
