/**
 * The native protocol `hawser/1`, and what other protocols and transports are built with: the connection base, the
 * splitter, the timing wheel. Pure: it does no I/O and takes its time from a Clock.
 *
 * ```ts
 * import { native } from '@hawser/wire'
 *
 * native().sniff(new TextEncoder().encode('GET / HTTP/1.1')) // 'no'
 * ```
 *
 * @module
 */
export { pickByScheme, schemeOf } from './address.js'
export { TokenBucket } from './bucket.js'
export { closeGracefully } from './closing.js'
export { compose } from './compose.js'
export { type Driver, DriverConnection, type DriverConnectionOptions } from './connection.js'
export { checkCredential } from './credential.js'
export { decodeError } from './error-frame.js'
export { ForwardedConnection } from './forwarded-connection.js'
export {
  badFrame,
  callKinds,
  earlyBytes,
  earlyCalls,
  frameHeadBytes,
  Kind,
  preface,
  readU16,
  readU32,
  streamsIn,
  streamsOut,
  writeFrameHead,
  writeU16,
  writeU32,
} from './frames.js'
export { GuardedItems } from './guarded-items.js'
export { decodeHeaders, encodeHeaders, noHeaders } from './headers.js'
export { noMethod } from './interning.js'
export { joined } from './joined.js'
export { consoleLog, escaped, limitedLog } from './log.js'
export { closedError, drainedError, drainingError, lostError, notRun } from './loss.js'
export { type Described, type MethodCodecs, MethodLayout } from './method-codecs.js'
export { type NativeOptions, native } from './native.js'
export { NoticeCodecs } from './notice-codecs.js'
export {
  type Numbered,
  numberBytes,
  numberedCodec,
  numberedHeader,
  readNumber,
  writeNumber,
} from './numbered.js'
export { SessionPeer } from './peer.js'
export { backoff, jittered, RetryBudget, redirects, waitBefore } from './retry-budget.js'
export { type ConnectionHooks, type OwnContext, Runtime, type RuntimeOptions } from './runtime.js'
export { CallScope, deadlineError } from './scope.js'
export {
  type ItemsSink,
  ServedCall,
  type ServedCallOwner,
  type ServedCallParts,
  type ServedSink,
} from './served-call.js'
export { ServedSession } from './served-session.js'
export { type FrameSink, type Framing, lengthPrefixed, Splitter } from './splitter.js'
export { type StreamOut, type StreamOutOwner, streamOut } from './stream-out.js'
export { textOf, utf8, utf8Cut } from './text.js'
export { partingWord, turnAway } from './turn-away.js'
export { TimerWheel, tickMs } from './wheel.js'
export { Flusher, FrameWriter, type FrameWriterOwner } from './writer.js'
