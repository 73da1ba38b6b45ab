import type { Call, Middleware } from '@hawser/contract'
import { TimerWheel } from '@hawser/wire'
import { Attempt } from '../attempt.js'
import { type CommonOptions, checkPositive, common } from '../options.js'

/** How long calls may take. */
export interface TimeoutOptions extends CommonOptions {
  /** Milliseconds from where the call comes by; up to 10 more until it is noticed. Or what says so of each call: Infinity for no limit. */
  readonly ms: number | ((call: Call) => number)
}

/**
 * Moves the deadline of each call up to `ms` from now, never back, and ends what is further in when it has passed: with
 * `deadline_exceeded`, and as to `executed` with what is known. It covers the whole call, the last item of a stream
 * included. What runs on although it was cancelled is no longer waited for.
 *
 * @throws TypeError for an `ms` that is not above 0
 */
export function timeout(options: TimeoutOptions): Middleware {
  const { ms } = options
  if (typeof ms !== 'function') checkPositive('ms', ms)
  const { clock } = common(options)
  const timers = new TimerWheel(clock)
  const msOf = typeof ms === 'function' ? ms : () => ms
  return (next) => (call) => new Attempt(call, clock.now() + msOf(call), timers).run(next)
}
