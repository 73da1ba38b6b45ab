const KiB = 1024
const MiB = 1024 * KiB

/** The name of a limit. */
export type LimitName =
  | 'receiveBytes'
  | 'sendBytes'
  | 'helloBytes'
  | 'helloOptions'
  | 'headerBytes'
  | 'headerCount'
  | 'headerKeyBytes'
  | 'headerValueBytes'
  | 'methodBytes'
  | 'topicTokens'
  | 'internedMethods'
  | 'errorTextBytes'
  | 'depth'
  | 'nodes'
  | 'integerDigits'
  | 'batchCalls'
  | 'connections'
  | 'connectionsPerPeer'
  | 'unauthenticatedShare'
  | 'handshakeMs'
  | 'headersMs'
  | 'requestMs'
  | 'connectMs'
  | 'idleMs'
  | 'idleJitter'
  | 'connectionAgeMs'
  | 'frameProgressMs'
  | 'frameProgressRate'
  | 'inFlight'
  | 'waitingCalls'
  | 'waitingBytes'
  | 'callMs'
  | 'drainMs'
  | 'cancelBurst'
  | 'cancelRate'
  | 'strayFrames'
  | 'streamWindow'
  | 'serverQueue'
  | 'queueTargetMs'
  | 'queueIntervalMs'
  | 'overloadShare'
  | 'concurrencyStart'
  | 'concurrencyFloor'
  | 'keepAliveMs'
  | 'keepAliveTimeoutMs'
  | 'keepAliveFloorMs'
  | 'pingStrikes'
  | 'writeSoftBytes'
  | 'writeKillBytes'
  | 'writeStallMs'
  | 'subscriberMessages'
  | 'subscriberBytes'
  | 'subscriptions'
  | 'inflateRatio'
  | 'inflateConcurrent'
  | 'attempts'
  | 'retryShare'
  | 'retryRate'
  | 'retryWindowMs'
  | 'replayCallBytes'
  | 'replayBytes'
  | 'backoffMs'
  | 'backoffFactor'
  | 'backoffMaxMs'
  | 'backoffJitter'
  | 'retryAfterMaxMs'
  | 'reconnectMs'
  | 'reconnectMaxMs'
  | 'reconnectResetMs'
  | 'hedgeShare'
  | 'logSnippetBytes'
  | 'logRate'
  | 'blockMs'

/**
 * The default of each limit, and the most it may be, where there is such a thing. What each is about is said in
 * limit-table.ts, by itself: programs need the numbers, and pages should not have to load the text.
 */
export const amounts: Readonly<Record<LimitName, readonly [value: number, ceiling?: number]>> = {
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
  topicTokens: [16],
  internedMethods: [1024, 65_535],
  errorTextBytes: [1 * KiB, 32 * KiB],

  // values
  depth: [64, 512],
  nodes: [262_144],
  integerDigits: [20],
  batchCalls: [64],

  // connections
  connections: [10_000],
  connectionsPerPeer: [256],
  unauthenticatedShare: [0.25],
  handshakeMs: [5_000],
  headersMs: [5_000],
  requestMs: [30_000],
  connectMs: [5_000],
  idleMs: [900_000],
  idleJitter: [0.1],
  connectionAgeMs: [0],
  frameProgressMs: [10_000],
  frameProgressRate: [1_024],

  // calls
  inFlight: [1_024, 65_535],
  waitingCalls: [65_536],
  waitingBytes: [64 * MiB],
  callMs: [5_000],
  drainMs: [25_000],
  cancelBurst: [200],
  cancelRate: [33],
  strayFrames: [16],
  streamWindow: [256 * KiB, 16 * MiB],
  serverQueue: [1_024],
  queueTargetMs: [5],
  queueIntervalMs: [100],
  overloadShare: [0.8],
  concurrencyStart: [32],
  concurrencyFloor: [4],

  // liveness
  keepAliveMs: [30_000],
  keepAliveTimeoutMs: [10_000],
  keepAliveFloorMs: [10_000],
  pingStrikes: [2],

  // write queue
  writeSoftBytes: [64 * KiB],
  writeKillBytes: [16 * MiB],
  writeStallMs: [10_000],

  // publish
  subscriberMessages: [10],
  subscriberBytes: [4 * MiB],
  subscriptions: [1_024],

  // decompression
  inflateRatio: [100],
  inflateConcurrent: [10],

  // retries
  attempts: [3, 5],
  retryShare: [0.2],
  retryRate: [10],
  retryWindowMs: [10_000],
  replayCallBytes: [1 * MiB],
  replayBytes: [16 * MiB],
  backoffMs: [50],
  backoffFactor: [2],
  backoffMaxMs: [1_000],
  backoffJitter: [0.2],
  retryAfterMaxMs: [30_000],
  reconnectMs: [200],
  reconnectMaxMs: [30_000],
  reconnectResetMs: [10_000],
  hedgeShare: [0.05],

  // reporting
  logSnippetBytes: [32],
  logRate: [1],
  blockMs: [50],
}

/** Every limit as a number, in the unit its row names. */
export type Limits = Readonly<Record<LimitName, number>>

/** Every limit at its default. */
export const defaultLimits: Limits = Object.freeze(
  Object.fromEntries(Object.entries(amounts).map(([name, [value]]) => [name, value])),
) as Limits

/**
 * The defaults with some of them changed.
 * @throws TypeError for an unknown name, a number that is not finite or negative, or one over its ceiling
 */
export function limitsWith(changes: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(changes)) {
    const known = Object.hasOwn(amounts, name) ? amounts[name as LimitName] : undefined
    if (!known) throw new TypeError(`There is no limit named ${JSON.stringify(name)}`)
    if (!Number.isFinite(value) || value < 0)
      throw new TypeError(`The limit ${name} must be a number from 0 up`)
    const [, ceiling] = known
    if (ceiling !== undefined && value > ceiling)
      throw new TypeError(`The limit ${name} may be at most ${ceiling}, not ${value}`)
  }
  return Object.freeze({ ...defaultLimits, ...changes })
}
