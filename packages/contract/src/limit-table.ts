import { amounts, type LimitName } from './limits.js'

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

type Text = readonly [unit: LimitRow['unit'], about: string, breach: string]

const texts: Readonly<Record<LimitName, Text>> = {
  // messages
  receiveBytes: [
    'bytes',
    'one received message, header included',
    'resource_exhausted / too_large before the body is read; up to 4 times the limit is skipped and the connection kept, beyond that it is closed',
  ],
  sendBytes: [
    'bytes',
    'one sent message, header included',
    'fails locally with resource_exhausted / too_large, executed: no',
  ],
  helloBytes: ['bytes', 'one frame before the handshake is done', 'closed without a word'],
  helloOptions: ['count', 'options in a hello', 'closed without a word'],
  headerBytes: ['bytes', 'the headers of one call or reply', 'invalid_argument / bad_header'],
  headerCount: ['count', 'headers of one call or reply', 'invalid_argument / bad_header'],
  headerKeyBytes: ['bytes', 'one header key, [a-z0-9-_.]', 'invalid_argument / bad_header'],
  headerValueBytes: ['bytes', 'one header value, no CR, LF or NUL', 'invalid_argument / bad_header'],
  methodBytes: [
    'bytes',
    'a method, notification or topic name, UTF-8',
    'TypeError where it is registered or called; a peer that sends one is closed with bad_frame',
  ],
  topicTokens: ['count', 'levels of a topic name', 'TypeError'],
  internedMethods: [
    'count',
    'method names a peer may intern on one connection',
    'a peer that defines more is closed with bad_frame; ours sends further names in full',
  ],
  errorTextBytes: ['bytes', 'the message of an error on the wire', 'cut'],

  // values
  depth: ['count', 'nesting of a value, encoded or decoded', 'invalid_argument / too_deep'],
  nodes: ['count', 'values inside one message', 'invalid_argument / too_deep'],
  integerDigits: ['count', 'digits of an integer in text', 'invalid_argument / bad_payload'],
  batchCalls: ['count', 'calls in one batch', 'invalid_argument; each call is admitted by itself'],

  // connections
  connections: [
    'count',
    'connections of one listener; never over 0.8 of the file-descriptor limit',
    'accepted and closed at once, counted',
  ],
  connectionsPerPeer: ['count', 'connections from one peer address', 'accepted and closed at once, counted'],
  unauthenticatedShare: [
    'share',
    'of the connections of one listener that may be in their handshake',
    'accepted and closed at once, counted',
  ],
  handshakeMs: ['ms', 'from accept, or dial, to the end of the handshake', 'closed'],
  headersMs: ['ms', 'to receive the headers of an HTTP request', '408, closed'],
  requestMs: [
    'ms',
    'to receive a whole HTTP request; after headersMs its body has to grow by frameProgressRate',
    '408, closed',
  ],
  connectMs: ['ms', 'to make a connection, never past the deadline', 'unavailable / unreachable'],
  idleMs: ['ms', 'without calls, give or take idleJitter', 'goaway / idle, closed'],
  idleJitter: ['share', 'by which idleMs varies', 'spreads the closing of many'],
  connectionAgeMs: [
    'ms',
    'age of a connection; 0 is off',
    'goaway / draining, closed when its calls are done',
  ],
  frameProgressMs: ['ms', 'for an unfinished frame to grow', 'closed with bad_frame'],
  frameProgressRate: [
    'per second',
    'bytes an unfinished frame must grow by after that',
    'closed with bad_frame',
  ],

  // calls
  inFlight: [
    'count',
    'calls of one connection not yet ended; a cancelled call counts until its handler really ends',
    'resource_exhausted / overloaded, executed: no; ours waits for a free place instead of sending',
  ],
  waitingCalls: [
    'count',
    'calls of one connection waiting on the calling side for a place or for the write queue',
    'resource_exhausted / overloaded, executed: no',
  ],
  waitingBytes: [
    'bytes',
    'of the bodies of the calls that wait',
    'resource_exhausted / overloaded, executed: no',
  ],
  callMs: ['ms', 'deadline of a call that names none', 'deadline_exceeded'],
  drainMs: ['ms', 'for calls to end when a server or client closes', 'what is left is aborted'],
  cancelBurst: ['count', 'cancels at once on one connection', 'goaway / abuse; ours waits'],
  cancelRate: ['per second', 'cancels on one connection after that', 'goaway / abuse; ours waits'],
  strayFrames: ['count', 'frames for calls that do not exist', 'goaway / abuse'],
  streamWindow: ['bytes', 'of one stream sent ahead of its consumer', 'the sender waits'],
  serverQueue: ['count', 'calls waiting in a server queue', 'resource_exhausted / overloaded'],
  queueTargetMs: ['ms', 'time in a server queue aimed at', 'calls are shed'],
  queueIntervalMs: ['ms', 'over which that time is judged', 'calls are shed'],
  overloadShare: ['share', 'of a server queue at which overload begins', 'resource_exhausted / overloaded'],
  concurrencyStart: ['count', 'of the automatic concurrency limit at its start', 'calls queue'],
  concurrencyFloor: ['count', 'of the automatic concurrency limit at the least', 'calls queue'],

  // liveness
  keepAliveMs: ['ms', 'without a byte from the peer', 'a ping is sent'],
  keepAliveTimeoutMs: [
    'ms',
    'without a byte after a ping; and without a byte while a call is outstanding, before one is sent',
    'unavailable / silent, the connection is dropped',
  ],
  keepAliveFloorMs: ['ms', 'between the pings of a peer', 'a strike'],
  pingStrikes: ['count', 'pings too early', 'goaway / abuse'],

  // write queue
  writeSoftBytes: ['bytes', 'queued for one connection', 'send returns false, calls and streams wait'],
  writeKillBytes: [
    'bytes',
    'queued for one connection that made no progress for a second',
    'slow_consumer, destroyed',
  ],
  writeStallMs: ['ms', 'without progress while bytes are queued', 'slow_consumer, destroyed'],

  // publish
  subscriberMessages: ['count', 'waiting for one subscriber beyond the write queue', 'its policy: close'],
  subscriberBytes: ['bytes', 'waiting for one subscriber beyond the write queue', 'its policy: close'],
  subscriptions: ['count', 'subscriptions of one connection', 'resource_exhausted'],

  // decompression
  inflateRatio: ['factor', 'by which a message may grow past 64 KiB', 'resource_exhausted / too_large'],
  inflateConcurrent: ['count', 'decompressions at a time', 'they queue'],

  // retries
  attempts: [
    'count',
    'attempts of an idempotent call, the first included; those that found nobody count only without a deadline',
    'the last error',
  ],
  retryShare: ['share', 'of calls that may be retries, per destination', 'the error is not retried'],
  retryRate: ['per second', 'retries allowed besides that share', 'the error is not retried'],
  retryWindowMs: ['ms', 'over which the share is counted', ''],
  replayCallBytes: [
    'bytes',
    'of the items one call has sent, held for sending them again',
    'the call is not retried',
  ],
  replayBytes: ['bytes', 'of the items all calls hold for that', 'the call is not retried'],
  backoffMs: ['ms', 'before the first retry', ''],
  backoffFactor: ['factor', 'by which each further wait grows', ''],
  backoffMaxMs: ['ms', 'before a retry at the most', ''],
  backoffJitter: ['share', 'by which each wait varies', ''],
  retryAfterMaxMs: [
    'ms',
    'that the other side may ask a call without a deadline to wait before a retry',
    'the error is not retried',
  ],
  reconnectMs: ['ms', 'before the first reconnect, and the spread of the first try', ''],
  reconnectMaxMs: ['ms', 'before a reconnect at the most', ''],
  reconnectResetMs: [
    'ms',
    'a connection must live, or twice the wait before it if that is less, for the waits to begin anew',
    '',
  ],
  hedgeShare: ['share', 'of calls that may be hedged', 'no second copy is sent'],

  // reporting
  logSnippetBytes: ['bytes', 'of bad input shown in a log line', 'cut'],
  logRate: ['per second', 'log lines for one peer and code', 'counted, and told with the next line'],
  blockMs: ['ms', 'a handler may hold the loop (development mode)', 'reported by name'],
}

/** Every limit with its default. `docs/limits.md` is generated from this table. */
export const limitTable: Readonly<Record<LimitName, LimitRow>> = Object.fromEntries(
  Object.entries(texts).map(([name, text]) => [name, row(name as LimitName, text)]),
) as Record<LimitName, LimitRow>

function row(name: LimitName, [unit, about, breach]: Text): LimitRow {
  const [value, ceiling] = amounts[name]
  return ceiling === undefined ? { value, unit, about, breach } : { value, unit, about, breach, ceiling }
}
