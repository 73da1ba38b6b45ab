import {
  type Amounts,
  type ClientLimitName,
  clientAmounts,
  type DialLimitName,
  dialAmounts,
  limitsOf,
  type ValueLimitName,
  valueAmounts,
} from './amounts.js'

const KiB = 1024
const MiB = 1024 * KiB

/** The name of a limit. */
export type LimitName =
  | ValueLimitName
  | DialLimitName
  | ClientLimitName
  | 'topicTokens'
  | 'internedMethods'
  | 'errorTextBytes'
  | 'batchCalls'
  | 'connections'
  | 'connectionsPerPeer'
  | 'unauthenticatedShare'
  | 'headersMs'
  | 'requestMs'
  | 'idleMs'
  | 'idleJitter'
  | 'connectionAgeMs'
  | 'inFlight'
  | 'cancelBurst'
  | 'cancelRate'
  | 'serverQueue'
  | 'queueTargetMs'
  | 'queueIntervalMs'
  | 'overloadShare'
  | 'concurrencyStart'
  | 'concurrencyFloor'
  | 'pingStrikes'
  | 'subscriberMessages'
  | 'subscriberBytes'
  | 'subscriptions'
  | 'inflateRatio'
  | 'inflateConcurrent'
  | 'retryShare'
  | 'retryRate'
  | 'retryWindowMs'
  | 'replayCallBytes'
  | 'replayBytes'
  | 'backoffMs'
  | 'backoffMaxMs'
  | 'retryAfterMaxMs'
  | 'hedgeShare'
  | 'logSnippetBytes'
  | 'logRate'
  | 'blockMs'

// What the limits are about is said in limit-table.ts, by itself: programs need the numbers, and should not have to load the text.
const otherAmounts: Amounts<Exclude<LimitName, ValueLimitName | DialLimitName | ClientLimitName>> = {
  // messages
  topicTokens: [16],
  internedMethods: [1024, 65_535],
  errorTextBytes: [1 * KiB, 32 * KiB],
  batchCalls: [64],

  // connections
  connections: [10_000],
  connectionsPerPeer: [256],
  unauthenticatedShare: [0.25],
  headersMs: [5_000],
  requestMs: [30_000],
  idleMs: [900_000],
  idleJitter: [0.1],
  connectionAgeMs: [0],

  // calls
  inFlight: [1_024, 65_535],
  cancelBurst: [200],
  cancelRate: [33],
  serverQueue: [1_024],
  queueTargetMs: [5],
  queueIntervalMs: [100],
  overloadShare: [0.8],
  concurrencyStart: [32],
  concurrencyFloor: [4],

  // liveness
  pingStrikes: [2],

  // publish
  subscriberMessages: [10],
  subscriberBytes: [4 * MiB],
  subscriptions: [1_024],

  // decompression
  inflateRatio: [100],
  inflateConcurrent: [10],

  // retries
  retryShare: [0.2],
  retryRate: [10],
  retryWindowMs: [10_000],
  replayCallBytes: [1 * MiB],
  replayBytes: [16 * MiB],
  backoffMs: [50],
  backoffMaxMs: [1_000],
  retryAfterMaxMs: [30_000],
  hedgeShare: [0.05],

  // reporting
  logSnippetBytes: [32],
  logRate: [1],
  blockMs: [50],
}

/** The amounts of every limit. */
export const amounts: Amounts<LimitName> = /* @__PURE__ */ Object.assign(
  {},
  valueAmounts,
  dialAmounts,
  clientAmounts,
  otherAmounts,
)

/** Every limit as a number, in the unit its row names. */
export type Limits = Readonly<Record<LimitName, number>>

/** Every limit at its default. */
export const defaultLimits: Limits = /* @__PURE__ */ limitsOf(amounts)

/**
 * The defaults with some of them changed.
 * @throws TypeError for an unknown name, a number that is not finite or negative, or one over its ceiling
 */
export function limitsWith(changes: Partial<Limits> = {}): Limits {
  for (const name of Object.keys(changes))
    if (!Object.hasOwn(amounts, name)) throw new TypeError(`There is no limit named ${JSON.stringify(name)}`)
  return limitsOf(amounts, changes)
}
