import {
  type Code,
  codeOf,
  codes,
  type Executed,
  type Limits,
  RpcError,
  reasonOf,
  reasons,
} from '@hawser/contract'
import { readU16, readU32, writeU16, writeU32 } from './frames.js'
import { textOf, utf8Cut } from './text.js'

const executions: readonly Executed[] = ['no', 'maybe', 'yes']
const retryableBit = 4
const detailsBit = 8
const waitBit = 16
const waitDetailsBit = 32
const headBytes = 5
const waitBytes = 4
const never = 0xffff_ffff

/**
 * The body of an error frame: code, reason, what is known of the execution, message, when to try again, then the details.
 * An error always arrives: its message is cut, and details that do not fit are left out. So are details that are no bytes,
 * which are not the wire's to encode.
 * @param mostBytes what the body may be large, 5 bytes at the least
 */
export function encodeError(error: RpcError, limits: Limits, mostBytes: number = Infinity): Uint8Array {
  const wait = mostBytes < headBytes + waitBytes ? undefined : error.retryAfterMs
  const room = mostBytes - headBytes - (wait === undefined ? 0 : waitBytes)
  const message = utf8Cut(error.message, Math.max(0, Math.min(limits.errorTextBytes, room)))
  const fits = error.details instanceof Uint8Array && message.length + error.details.length <= room
  const details = fits ? (error.details as Uint8Array) : nothing
  const textEnd = headBytes + message.length
  const detailsAt = wait === undefined ? textEnd : textEnd + waitBytes
  const body = new Uint8Array(detailsAt + details.length)
  body[0] = codes[error.code]
  body[1] = error.reason === undefined ? 0 : reasons[error.reason]
  let facts = executions.indexOf(error.executed) | (error.retryable ? retryableBit : 0)
  writeU16(body, 3, message.length)
  body.set(message, headBytes)
  if (wait !== undefined) {
    facts |= waitBit
    writeU32(body, textEnd, wait === Infinity ? never : Math.min(never - 1, Math.ceil(wait)))
  }
  if (fits) facts |= wait === undefined ? detailsBit : waitDetailsBit
  body[2] = facts
  body.set(details, detailsAt)
  return body
}

/** The error of an error frame's body, its details still bytes; undefined where the body is malformed. */
export function decodeError(body: Uint8Array): RpcError | undefined {
  if (body.length < headBytes) return undefined
  const facts = body[2]!
  const textEnd = headBytes + readU16(body, 3)
  const waits = (facts & waitBit) !== 0
  const detailsAt = waits ? textEnd + waitBytes : textEnd
  const executed = executions[facts & 3]
  const message = detailsAt <= body.length ? textOf(body.subarray(headBytes, textEnd)) : undefined
  if (executed === undefined || message === undefined) return undefined
  const wait = waits ? readU32(body, textEnd) : undefined
  // A code of a later version still is an error.
  const code: Code = codeOf(body[0]!) ?? 'unknown'
  return new RpcError(code, message, {
    reason: reasonOf(body[1]!),
    executed,
    retryable: (facts & retryableBit) !== 0,
    retryAfterMs: wait === never ? Infinity : wait,
    details: (facts & (waits ? waitDetailsBit : detailsBit)) !== 0 ? body.subarray(detailsAt) : undefined,
  })
}

const nothing = new Uint8Array(0)
