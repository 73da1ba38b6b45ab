import type { Call, Code, Limits, Middleware, RpcError } from '@hawser/contract'
import { RetryBudget, TimerWheel } from '@hawser/wire'
import { type CommonOptions, checkPositive, common } from '../options.js'
import { ReplayRoom } from './replay.js'
import { RetriedCall } from './retried-call.js'

/** When calls are made again. */
export interface RetryOptions extends CommonOptions {
  /** Attempts of one call at the most, the first included. Default: `limits.attempts`, 3; at most 5. */
  readonly attempts?: number | undefined
  /** What the retries are taken from. Default: one for each handler that is wrapped, which for a client is each address. */
  readonly budget?: RetryBudget | undefined
  /** Milliseconds for each attempt, within the deadline of the call. Default: none. */
  readonly perAttemptMs?: number | undefined
  /** Codes after which an idempotent call is made again though it may have run. Default: `unavailable`. */
  readonly codes?: readonly Code[] | undefined
  /** May the method run twice for one call? Default: what the caller says. */
  readonly idempotent?: ((call: Call) => boolean) | undefined
  /**
   * Milliseconds before which the other side does not want the next attempt, where that is longer than the backoff; negative
   * for never. Default: what it says itself, the error's `retryAfterMs`.
   */
  readonly pushback?: ((error: RpcError, call: Call) => number | undefined) | undefined
}

/** The options with what was left out. */
export interface RetryRules {
  readonly perAttemptMs: number
  readonly codes: readonly Code[]
  idempotent(call: Call): boolean
  pushback(error: RpcError, call: Call): number | undefined
}

/**
 * Makes a call again that was certainly not run, or that may run twice; never one that may have run and may not run twice. No
 * more than a budget allows, no later than the deadline, with growing waits between. A stream is made again as long as none of its
 * answers was read, and what was sent is still held.
 *
 * @throws TypeError for more than 5 attempts, or a `perAttemptMs` that is not above 0
 */
export function retry(options: RetryOptions = {}): Middleware {
  const { perAttemptMs = Infinity, attempts } = options
  checkPositive('perAttemptMs', perAttemptMs)
  const { clock, limits } = common(
    attempts === undefined ? options : { ...options, limits: { ...options.limits, attempts } },
  )
  const rules: RetryRules = {
    perAttemptMs,
    codes: options.codes ?? ['unavailable'],
    idempotent: options.idempotent ?? ((call) => call.idempotent === true),
    pushback: options.pushback ?? ((error) => error.retryAfterMs),
  }
  const timers = new TimerWheel(clock)
  const room = new ReplayRoom(limits)
  return (next) => {
    const budget = options.budget ?? new RetryBudget(clock, limits)
    return (call) => {
      // Whether somebody is there is answered by the first try.
      if (call.probe) return next(call)
      budget.counted()
      return new RetriedCall(call, next, { rules, budget, timers, limits, room }).reply()
    }
  }
}

/** A budget for several retries and hedges to share: by default 20 % of the calls and 10 a second, over 10 s. */
export function retryBudget(
  options: CommonOptions & { readonly limits?: Partial<Limits> } = {},
): RetryBudget {
  const { clock, limits } = common(options)
  return new RetryBudget(clock, limits)
}
