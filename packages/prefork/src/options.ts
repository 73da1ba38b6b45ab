import type { ResourceLimits } from 'node:worker_threads'
import type { Acceptor, Clock, Log } from '@hawser/contract'
import type { Channel } from './channel.js'
import type { ChildInfo } from './child.js'

/** The process models, by the names that {@link ServeOptions} takes. */
export const models = [
  'serial',
  'thread-per-connection',
  'process-per-connection',
  'prefork',
  'async',
  'prefork-async',
] as const

/**
 * How connections are spread over threads and processes.
 *
 * - `serial`: one connection at a time, in the main program's process
 * - `thread-per-connection`: a worker thread for each connection
 * - `process-per-connection`: a child process for each connection
 * - `prefork`: a fixed number of child processes, each of which serves one connection at a time
 * - `async`: all connections in the main program's process
 * - `prefork-async`: a fixed number of child processes, each of which serves many connections
 */
export type Model = (typeof models)[number]

/** How {@link serve} can be told to be. Times are milliseconds. */
export interface ServeOptions {
  /** Default `async`. */
  readonly model?: Model | undefined
  /** One address or several, of schemes that `transports` take. */
  readonly listen: string | readonly string[]
  /**
   * Children of a pool; default: as many as there are processors. With a child per connection: how many there may be at a time;
   * default 32. Connections beyond wait.
   */
  readonly workers?: number | undefined
  /** What listens. Default `[tcp(), ipc()]`. */
  readonly transports?: readonly Acceptor[] | undefined
  /** `prefork-async` only. `handed`: the main program accepts (default). `cluster`: children listen through `node:cluster`. */
  readonly accept?: 'handed' | 'cluster' | undefined
  /** The environment of children, all of it. Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv | undefined
  /** Arguments for Node.js in children. Default: those of this process. */
  readonly execArgv?: readonly string[] | undefined
  /** Of each thread. */
  readonly resourceLimits?: ResourceLimits | undefined
  /** A child that is not ready by then is killed. Default 10,000. */
  readonly startMs?: number | undefined
  /** For calls to end when servers close; what is left is aborted. The servers' own limit of that name holds, too. Default 25,000. */
  readonly drainMs?: number | undefined
  /** A child whose loop does not turn for so long is killed. Default 30,000; Infinity: never. */
  readonly hangMs?: number | undefined
  /** More exits than these within `exitsWithinMs`, and children are not replaced any more. Default 5. */
  readonly maxExits?: number | undefined
  /** Default 60,000. */
  readonly exitsWithinMs?: number | undefined
  /** Told of each server that is begun, with the other end of its `context.channel`. */
  readonly onChannel?: ((channel: Channel, child: ChildInfo) => void) | undefined
  /** Default: warnings and errors to the console. */
  readonly log?: Log | undefined
  readonly clock?: Clock | undefined
}
