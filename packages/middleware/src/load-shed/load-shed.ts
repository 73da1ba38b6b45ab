import { type Call, type Middleware, RpcError } from '@hawser/contract'
import { type CommonOptions, checkPositive, common } from '../options.js'
import { loopLag } from './loop-lag.js'

/** `open`: calls are taken. `refusing`: only urgent ones. `stopped`: none, and a server had better not take connections either. */
export type LoadState = 'open' | 'refusing' | 'stopped'

/** When calls are refused. */
export interface LoadShedOptions extends CommonOptions {
  /** Milliseconds by which the loop is late. Default: `loopLag(clock)`. */
  readonly lagMs?: (() => number) | undefined
  /** The most that may be. Default 200. Calls are taken again at half of it. */
  readonly maxLagMs?: number | undefined
  /** The share of the memory there is that is used. Default: not looked at. */
  readonly heapShare?: (() => number) | undefined
  /** The share at which calls are refused. Default 0.85. They are taken again at a tenth of all memory less. */
  readonly refuseAt?: number | undefined
  /** The share at which urgent calls are refused, too. Default 0.95. They are taken again at `refuseAt`. */
  readonly stopAt?: number | undefined
  /** Milliseconds between looks at the two. Default 50. */
  readonly everyMs?: number | undefined
  /** Which calls are still taken while others are refused. Default: none. */
  readonly urgent?: ((call: Call) => boolean) | undefined
  /** Is told of each change: the place to stop and begin to listen. */
  readonly onChange?: ((state: LoadState) => void) | undefined
}

const hysteresis = 0.1

/**
 * Refuses calls with `resource_exhausted` / `overloaded`, executed: no, while the process is overloaded; those under way go on.
 *
 * @throws TypeError for numbers that make no sense
 */
export function loadShed(options: LoadShedOptions = {}): Middleware {
  const { clock } = common(options)
  const { lagMs = loopLag(clock), heapShare = () => 0, urgent, onChange } = options
  const { maxLagMs = 200, refuseAt = 0.85, stopAt = 0.95, everyMs = 50 } = options
  checkPositive('maxLagMs', maxLagMs)
  checkPositive('stopAt', stopAt, 1)
  checkPositive('refuseAt', refuseAt, stopAt)
  if (!(everyMs >= 0)) throw new TypeError(`everyMs must be a number from 0 up, not ${everyMs}`)
  let state: LoadState = 'open'
  let lookedAt = -Infinity

  const judged = (): LoadState => {
    const heap = heapShare()
    const lag = lagMs()
    if (heap >= (state === 'stopped' ? refuseAt : stopAt)) return 'stopped'
    const open = state === 'open'
    const late = lag > (open ? maxLagMs : maxLagMs / 2)
    return late || heap >= (open ? refuseAt : refuseAt - hysteresis) ? 'refusing' : 'open'
  }
  const look = () => {
    const now = clock.now()
    if (now - lookedAt < everyMs) return
    lookedAt = now
    const next = judged()
    if (next === state) return
    state = next
    onChange?.(state)
  }

  return (next) => (call) => {
    look()
    if (state === 'open' || (state === 'refusing' && urgent?.(call))) return next(call)
    throw new RpcError('resource_exhausted', 'The process is overloaded', {
      reason: 'overloaded',
      executed: 'no',
      // Nothing changes before the next look.
      retryAfterMs: Math.max(0, lookedAt + everyMs - clock.now()),
    })
  }
}
