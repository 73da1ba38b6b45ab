import type { LimitName, Limits } from './limits.js'

// The limits of what pages load stand by themselves, so that the others need not be loaded.

const KiB = 1024
const MiB = 1024 * KiB

/** The names of limits that every codec keeps. */
export type ValueLimitName = 'depth' | 'nodes' | 'integerDigits'

/** The names of limits that every dialled connection keeps. */
export type DialLimitName = 'connectMs' | 'writeSoftBytes' | 'writeKillBytes' | 'writeStallMs'

/** The names of limits that every client keeps. */
export type ClientLimitName =
  | 'receiveBytes'
  | 'sendBytes'
  | 'helloBytes'
  | 'helloOptions'
  | 'headerBytes'
  | 'headerCount'
  | 'headerKeyBytes'
  | 'headerValueBytes'
  | 'methodBytes'
  | 'handshakeMs'
  | 'frameProgressMs'
  | 'frameProgressRate'
  | 'waitingCalls'
  | 'waitingBytes'
  | 'callMs'
  | 'drainMs'
  | 'strayFrames'
  | 'streamWindow'
  | 'keepAliveMs'
  | 'keepAliveTimeoutMs'
  | 'keepAliveFloorMs'
  | 'attempts'
  | 'backoffFactor'
  | 'backoffJitter'
  | 'reconnectMs'
  | 'reconnectMaxMs'
  | 'reconnectResetMs'

/** The default of a limit, and the most it may be, where there is such a thing. */
export type Amount = readonly [value: number, ceiling?: number]

/** The amounts of some limits. */
export type Amounts<N extends LimitName> = Readonly<Record<N, Amount>>

/** What every codec keeps. */
export const valueAmounts: Amounts<ValueLimitName> = {
  depth: [64, 512],
  nodes: [262_144],
  integerDigits: [20],
}

/** What every dialled connection keeps. */
export const dialAmounts: Amounts<DialLimitName> = {
  connectMs: [5_000],
  writeSoftBytes: [64 * KiB],
  writeKillBytes: [16 * MiB],
  writeStallMs: [10_000],
}

/** What every client keeps. */
export const clientAmounts: Amounts<ClientLimitName> = {
  // messages
  receiveBytes: [4 * MiB, 256 * MiB],
  sendBytes: [4 * MiB, 256 * MiB],
  helloBytes: [4 * KiB],
  helloOptions: [16],
  headerBytes: [8 * KiB, 32 * KiB],
  headerCount: [64],
  headerKeyBytes: [128],
  headerValueBytes: [4 * KiB],
  methodBytes: [256, 480],

  // connections
  handshakeMs: [5_000],
  frameProgressMs: [10_000],
  frameProgressRate: [1_024],

  // calls
  waitingCalls: [65_536],
  waitingBytes: [64 * MiB],
  callMs: [5_000],
  drainMs: [25_000],
  strayFrames: [16],
  streamWindow: [256 * KiB, 16 * MiB],

  // liveness
  keepAliveMs: [30_000],
  keepAliveTimeoutMs: [10_000],
  keepAliveFloorMs: [10_000],

  // retries
  attempts: [3, 5],
  backoffFactor: [2],
  backoffJitter: [0.2],
  reconnectMs: [200],
  reconnectMaxMs: [30_000],
  reconnectResetMs: [10_000],
}

/**
 * Some of the limits, at their defaults or as they are changed, for code that is to be small. What is changed of others is overlooked.
 * @throws TypeError for a number that is not finite or negative, or one over its ceiling
 */
export function limitsOf<N extends LimitName>(
  amounts: Amounts<N>,
  changes: Partial<Limits> = {},
): Readonly<Record<N, number>> {
  const limits = Object.entries<Amount>(amounts).map(([name, [value, ceiling]]) => {
    const limit = name in changes ? changes[name as N] : value
    if (!Number.isFinite(limit) || limit! < 0 || limit! > (ceiling ?? limit!))
      throw new TypeError(`The limit ${name} must be a number from 0 ${ceiling ? `to ${ceiling}` : 'up'}`)
    return [name, limit]
  })
  return Object.freeze(Object.fromEntries(limits))
}
