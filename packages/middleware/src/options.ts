import { type Clock, type Limits, limitsWith, systemClock } from '@hawser/contract'

/** What every middleware that needs time or limits may be told. */
export interface CommonOptions {
  /** Default: `systemClock()`. */
  readonly clock?: Clock | undefined
  /** Changes to the default limits. */
  readonly limits?: Partial<Limits> | undefined
}

/** The options with what was left out. */
export function common({ clock = systemClock(), limits }: CommonOptions): {
  readonly clock: Clock
  readonly limits: Limits
} {
  return { clock, limits: limitsWith(limits) }
}

/**
 * @throws TypeError for a number that is not above 0, or over `most`
 */
export function checkPositive(name: string, value: number, most: number = Infinity): void {
  if (typeof value !== 'number' || !(value > 0 && value <= most))
    throw new TypeError(
      `${name} must be a number above 0${most === Infinity ? '' : ` and at most ${most}`}, not ${value}`,
    )
}

/**
 * @throws TypeError for what is no function
 */
export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw new TypeError(`${name} must be a function, not ${String(value)}`)
}
