/** One row of the limits table: what the number is, what it may at most be, and what happens on a breach. */
export interface LimitRow {
  readonly value: number
  readonly unit: 'bytes' | 'ms' | 'count' | 'share' | 'per second' | 'factor'
  readonly ceiling?: number
  /** What is limited. */
  readonly about: string
  /** What happens beyond it. */
  readonly breach: string
}

const KiB = 1024
const MiB = 1024 * KiB

function row(
  value: number,
  unit: LimitRow['unit'],
  about: string,
  breach: string,
  ceiling?: number,
): LimitRow {
  return ceiling === undefined ? { value, unit, about, breach } : { value, unit, about, breach, ceiling }
}

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
  | 'reconnectMs'
  | 'reconnectMaxMs'
  | 'reconnectResetMs'
  | 'hedgeShare'
  | 'logSnippetBytes'
  | 'logRate'
  | 'blockMs'

/** Every limit with its default. `docs/limits.md` is generated from this table. */
export const limitTable: Readonly<Record<LimitName, LimitRow>> = {
  // messages
  receiveBytes: row(
    4 * MiB,
    'bytes',
    'one received message, header included',
    'resource_exhausted / too_large before the body is read; up to 4 times the limit is skipped and the connection kept, beyond that it is closed',
    256 * MiB,
  ),
  sendBytes: row(
    4 * MiB,
    'bytes',
    'one sent message, header included',
    'fails locally with resource_exhausted / too_large, executed: no',
    256 * MiB,
  ),
  helloBytes: row(4 * KiB, 'bytes', 'one frame before the handshake is done', 'closed without a word'),
  helloOptions: row(16, 'count', 'options in a hello', 'closed without a word'),
  headerBytes: row(
    8 * KiB,
    'bytes',
    'the headers of one call or reply',
    'invalid_argument / bad_header',
    32 * KiB,
  ),
  headerCount: row(64, 'count', 'headers of one call or reply', 'invalid_argument / bad_header'),
  headerKeyBytes: row(128, 'bytes', 'one header key, [a-z0-9-_.]', 'invalid_argument / bad_header'),
  headerValueBytes: row(
    4 * KiB,
    'bytes',
    'one header value, no CR, LF or NUL',
    'invalid_argument / bad_header',
  ),
  methodBytes: row(
    256,
    'bytes',
    'a method, notification or topic name, UTF-8',
    'TypeError where it is registered or called; a peer that sends one is closed with bad_frame',
    480,
  ),
  topicTokens: row(16, 'count', 'levels of a topic name', 'TypeError'),
  internedMethods: row(
    1024,
    'count',
    'method names a peer may intern on one connection',
    'a peer that defines more is closed with bad_frame; ours sends further names in full',
    65_535,
  ),
  errorTextBytes: row(1 * KiB, 'bytes', 'the message of an error on the wire', 'cut', 32 * KiB),

  // values
  depth: row(64, 'count', 'nesting of a value, encoded or decoded', 'invalid_argument / too_deep', 512),
  nodes: row(262_144, 'count', 'values inside one message', 'invalid_argument / too_deep'),
  integerDigits: row(20, 'count', 'digits of an integer in text', 'invalid_argument / bad_payload'),
  batchCalls: row(64, 'count', 'calls in one batch', 'invalid_argument; each call is admitted by itself'),

  // connections
  connections: row(
    10_000,
    'count',
    'connections of one listener; never over 0.8 of the file-descriptor limit',
    'accepted and closed at once, counted',
  ),
  connectionsPerPeer: row(
    256,
    'count',
    'connections from one peer address',
    'accepted and closed at once, counted',
  ),
  unauthenticatedShare: row(
    0.25,
    'share',
    'of the connections of one listener that may be in their handshake',
    'accepted and closed at once, counted',
  ),
  handshakeMs: row(5_000, 'ms', 'from accept, or dial, to the end of the handshake', 'closed'),
  headersMs: row(5_000, 'ms', 'to receive the headers of an HTTP request', '408, closed'),
  requestMs: row(30_000, 'ms', 'to receive a whole HTTP request', '408, closed'),
  connectMs: row(5_000, 'ms', 'to make a connection, never past the deadline', 'unavailable / unreachable'),
  idleMs: row(900_000, 'ms', 'without calls, give or take idleJitter', 'goaway / idle, closed'),
  idleJitter: row(0.1, 'share', 'by which idleMs varies', 'spreads the closing of many'),
  connectionAgeMs: row(
    0,
    'ms',
    'age of a connection; 0 is off',
    'goaway / draining, closed when its calls are done',
  ),
  frameProgressMs: row(10_000, 'ms', 'for an unfinished frame to grow', 'closed with bad_frame'),
  frameProgressRate: row(
    1_024,
    'per second',
    'bytes an unfinished frame must grow by after that',
    'closed with bad_frame',
  ),

  // calls
  inFlight: row(
    1_024,
    'count',
    'calls of one connection not yet ended; a cancelled call counts until its handler really ends',
    'resource_exhausted / overloaded, executed: no; ours waits for a free place instead of sending',
    65_535,
  ),
  waitingCalls: row(
    65_536,
    'count',
    'calls of one connection waiting on the calling side for a place or for the write queue',
    'resource_exhausted / overloaded, executed: no',
  ),
  waitingBytes: row(
    64 * MiB,
    'bytes',
    'of the bodies of the calls that wait',
    'resource_exhausted / overloaded, executed: no',
  ),
  callMs: row(5_000, 'ms', 'deadline of a call that names none', 'deadline_exceeded'),
  drainMs: row(25_000, 'ms', 'for calls to end when a server or client closes', 'what is left is aborted'),
  cancelBurst: row(200, 'count', 'cancels at once on one connection', 'goaway / abuse; ours waits'),
  cancelRate: row(33, 'per second', 'cancels on one connection after that', 'goaway / abuse; ours waits'),
  strayFrames: row(16, 'count', 'frames for calls that do not exist', 'goaway / abuse'),
  streamWindow: row(
    256 * KiB,
    'bytes',
    'of one stream sent ahead of its consumer',
    'the sender waits',
    16 * MiB,
  ),
  serverQueue: row(1_024, 'count', 'calls waiting in a server queue', 'resource_exhausted / overloaded'),
  queueTargetMs: row(5, 'ms', 'time in a server queue aimed at', 'calls are shed'),
  queueIntervalMs: row(100, 'ms', 'over which that time is judged', 'calls are shed'),
  overloadShare: row(
    0.8,
    'share',
    'of a server queue at which overload begins',
    'resource_exhausted / overloaded',
  ),
  concurrencyStart: row(32, 'count', 'of the automatic concurrency limit at its start', 'calls queue'),
  concurrencyFloor: row(4, 'count', 'of the automatic concurrency limit at the least', 'calls queue'),

  // liveness
  keepAliveMs: row(30_000, 'ms', 'without a byte from the peer', 'a ping is sent'),
  keepAliveTimeoutMs: row(
    10_000,
    'ms',
    'without a byte after a ping; and without a byte while a call is outstanding, before one is sent',
    'unavailable / silent, the connection is dropped',
  ),
  keepAliveFloorMs: row(10_000, 'ms', 'between the pings of a peer', 'a strike'),
  pingStrikes: row(2, 'count', 'pings too early', 'goaway / abuse'),

  // write queue
  writeSoftBytes: row(
    64 * KiB,
    'bytes',
    'queued for one connection',
    'send returns false, calls and streams wait',
  ),
  writeKillBytes: row(
    16 * MiB,
    'bytes',
    'queued for one connection that made no progress for a second',
    'slow_consumer, destroyed',
  ),
  writeStallMs: row(10_000, 'ms', 'without progress while bytes are queued', 'slow_consumer, destroyed'),

  // publish
  subscriberMessages: row(
    10,
    'count',
    'waiting for one subscriber beyond the write queue',
    'its policy: close',
  ),
  subscriberBytes: row(
    4 * MiB,
    'bytes',
    'waiting for one subscriber beyond the write queue',
    'its policy: close',
  ),
  subscriptions: row(1_024, 'count', 'subscriptions of one connection', 'resource_exhausted'),

  // decompression
  inflateRatio: row(
    100,
    'factor',
    'by which a message may grow past 64 KiB',
    'resource_exhausted / too_large',
  ),
  inflateConcurrent: row(10, 'count', 'decompressions at a time', 'they queue'),

  // retries
  attempts: row(
    3,
    'count',
    'attempts of an idempotent call, the first included; those that found nobody count only without a deadline',
    'the last error',
    5,
  ),
  retryShare: row(0.2, 'share', 'of calls that may be retries, per destination', 'the error is not retried'),
  retryRate: row(10, 'per second', 'retries allowed besides that share', 'the error is not retried'),
  retryWindowMs: row(10_000, 'ms', 'over which the share is counted', ''),
  replayCallBytes: row(
    1 * MiB,
    'bytes',
    'of the items one call has sent, held for sending them again',
    'the call is not retried',
  ),
  replayBytes: row(16 * MiB, 'bytes', 'of the items all calls hold for that', 'the call is not retried'),
  backoffMs: row(50, 'ms', 'before the first retry', ''),
  backoffFactor: row(2, 'factor', 'by which each further wait grows', ''),
  backoffMaxMs: row(1_000, 'ms', 'before a retry at the most', ''),
  backoffJitter: row(0.2, 'share', 'by which each wait varies', ''),
  reconnectMs: row(200, 'ms', 'before the first reconnect, and the spread of the first try', ''),
  reconnectMaxMs: row(30_000, 'ms', 'before a reconnect at the most', ''),
  reconnectResetMs: row(
    10_000,
    'ms',
    'a connection must live, or twice the wait before it if that is less, for the waits to begin anew',
    '',
  ),
  hedgeShare: row(0.05, 'share', 'of calls that may be hedged', 'no second copy is sent'),

  // reporting
  logSnippetBytes: row(32, 'bytes', 'of bad input shown in a log line', 'cut'),
  logRate: row(1, 'per second', 'log lines for one peer and code', 'counted, and told with the next line'),
  blockMs: row(50, 'ms', 'a handler may hold the loop (development mode)', 'reported by name'),
}

/** Every limit as a number, in the unit its row names. */
export type Limits = Readonly<Record<LimitName, number>>

/** Every limit at its default. */
export const defaultLimits: Limits = Object.freeze(
  Object.fromEntries(Object.entries(limitTable).map(([name, { value }]) => [name, value])),
) as Limits

/**
 * The defaults with some of them changed.
 * @throws TypeError for an unknown name, a number that is not finite or negative, or one over its ceiling
 */
export function limitsWith(changes: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(changes)) {
    const known: LimitRow | undefined = Object.hasOwn(limitTable, name)
      ? limitTable[name as LimitName]
      : undefined
    if (!known) throw new TypeError(`There is no limit named ${JSON.stringify(name)}`)
    if (!Number.isFinite(value) || value < 0)
      throw new TypeError(`The limit ${name} must be a number from 0 up`)
    if (known.ceiling !== undefined && value > known.ceiling)
      throw new TypeError(`The limit ${name} may be at most ${known.ceiling}, not ${value}`)
  }
  return Object.freeze({ ...defaultLimits, ...changes })
}
