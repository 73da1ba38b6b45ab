import type { Middleware } from '@hawser/contract'
import { type CommonOptions, checkPositive, common } from '../options.js'
import { Gate, type QueueOptions } from './gate.js'

/** How many calls may run. */
export interface ConcurrencyLimitOptions extends CommonOptions, QueueOptions {
  /** Calls at a time, of each handler that is wrapped: for a client, of each address. */
  readonly limit: number
}

/**
 * Lets so many calls run at a time. Further ones queue: `limits.serverQueue` of them, and no longer than a moment. Who is not
 * let in is told so with `resource_exhausted`, executed: no. A place is free when the handler has really ended: cancelling makes
 * no room, and a stream has its place until its last item.
 *
 * @throws TypeError for a limit that is not above 0
 */
export function concurrencyLimit(options: ConcurrencyLimitOptions): Middleware {
  const { limit, urgent } = options
  checkPositive('limit', limit)
  const { clock, limits } = common(options)
  const places = { limit, ended() {} }
  return (next) => new Gate(next, places, { clock, limits, urgent }).handler
}
