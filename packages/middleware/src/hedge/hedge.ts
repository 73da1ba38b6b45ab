import type { Call, Middleware } from '@hawser/contract'
import { RetryBudget, TimerWheel } from '@hawser/wire'
import { type CommonOptions, checkPositive, common } from '../options.js'
import { HedgedCall } from './hedged-call.js'
import { Latencies } from './latencies.js'

/** When calls are made a second time. */
export interface HedgeOptions extends CommonOptions {
  /** Milliseconds without an answer. Default: by `percentile`. */
  readonly delayMs?: number | undefined
  /** The share of recent calls that were faster than a call has to be slow. Default 0.95. Nothing is hedged until 20 calls were seen. */
  readonly percentile?: number | undefined
  /** The share of calls that may be made twice, over 10 s. Default: `limits.hedgeShare`, 5 %, which is also the most. */
  readonly share?: number | undefined
  /** The budget of a retry, from which each second copy is taken as well. */
  readonly budget?: RetryBudget | undefined
  /** May the method run twice for one call? Default: what the caller says. */
  readonly idempotent?: ((call: Call) => boolean) | undefined
}

/**
 * Makes a call once more when it is not answered after a while, takes the first answer, and cancels the other copy. Only calls
 * that may run twice, that send one message and are answered with one; all others are handed on as they are.
 *
 * @throws TypeError for a delay that is not above 0, or a share or percentile out of range
 */
export function hedge(options: HedgeOptions = {}): Middleware {
  const { delayMs, percentile = 0.95, budget, idempotent = (call) => call.idempotent === true } = options
  const { clock, limits } = common(options)
  const { share = limits.hedgeShare } = options
  if (delayMs !== undefined) checkPositive('delayMs', delayMs)
  checkPositive('percentile', percentile, 1)
  checkPositive('share', share, limits.hedgeShare)
  const timers = new TimerWheel(clock)
  return (next) => {
    const own = new RetryBudget(clock, { ...limits, retryShare: share, retryRate: 0 })
    const latencies = delayMs === undefined ? new Latencies(clock, limits.retryWindowMs) : undefined
    const affordable = () => own.take() && (budget?.take() ?? true)
    return (call) => {
      if (call.kind !== 'unary' || call.probe || !idempotent(call)) return next(call)
      own.counted()
      const waitMs = latencies ? latencies.percentile(percentile) : delayMs
      return new HedgedCall(call, next, { timers, affordable, latencies }).reply(waitMs)
    }
  }
}
