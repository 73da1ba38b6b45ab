import { type Clock, defaultLimits, type Log, systemClock } from '@hawser/contract'
import { consoleLog } from '@hawser/wire'
import type { RelayOptions } from './relay.js'

/** The options of a hub or member, complete. */
export interface RelaySettings {
  readonly window: number
  readonly windowBytes: number
  readonly messageBytes: number
  readonly patienceMs: number
  readonly clock: Clock
  readonly log: Log
}

/** @throws TypeError for numbers that make no sense */
export function settingsOf(options: RelayOptions): RelaySettings {
  const { window = 1_024, windowBytes = 4 * 1_048_576, messageBytes = defaultLimits.sendBytes } = options
  const { patienceMs = defaultLimits.writeStallMs, clock = systemClock(), log = consoleLog } = options
  for (const [name, value] of Object.entries({ window, windowBytes, messageBytes, patienceMs }))
    if (!(value >= 1)) throw new TypeError(`${name} is a number from 1 up, not ${value}`)
  return { window, windowBytes, messageBytes, patienceMs, clock, log }
}
