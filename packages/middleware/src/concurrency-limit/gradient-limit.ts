import type { Middleware } from '@hawser/contract'
import { type CommonOptions, checkPositive, common } from '../options.js'
import { Gate, type QueueOptions } from './gate.js'
import { Gradient } from './gradient.js'

/** How the number of calls that may run is found. */
export interface GradientLimitOptions extends CommonOptions, QueueOptions {
  /** Calls at a time to begin with. Default: `limits.concurrencyStart`, 32. */
  readonly start?: number | undefined
  /** The least. Default: `limits.concurrencyFloor`, 4. */
  readonly floor?: number | undefined
  /** The most. Default 1,000. */
  readonly most?: number | undefined
  /** How many times as long as without load calls may take. Default 1.5. */
  readonly tolerance?: number | undefined
  /** Is told of each new limit. */
  readonly onLimit?: ((limit: number) => void) | undefined
}

/**
 * {@link concurrencyLimit} with a limit that follows from how long calls take: as long as they take no longer than without load it
 * grows, and when they do it shrinks. Only calls answered with one message are measured.
 *
 * @throws TypeError for numbers that make no sense
 */
export function gradientLimit(options: GradientLimitOptions = {}): Middleware {
  const { clock, limits } = common(options)
  const { urgent, onLimit, most = 1_000, tolerance = 1.5 } = options
  const { start = limits.concurrencyStart, floor = limits.concurrencyFloor } = options
  checkPositive('most', most)
  checkPositive('floor', floor, most)
  checkPositive('start', start, most)
  if (!(tolerance >= 1)) throw new TypeError(`tolerance must be a number from 1 up, not ${tolerance}`)
  return (next) => {
    const windowMs = limits.queueIntervalMs
    const places = new Gradient({ start: Math.max(start, floor), floor, most, tolerance, windowMs, onLimit })
    return new Gate(next, places, { clock, limits, urgent }).handler
  }
}
