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
import { readU16, writeU16 } from './frames.js'
import { textOf, utf8Cut } from './text.js'

const executions: readonly Executed[] = ['no', 'maybe', 'yes']
const retryableBit = 4
const detailsBit = 8
const headBytes = 5

/**
 * The body of an error frame: code, reason, what is known of the execution, message, then the details. An error always
 * arrives: its message is cut, and details that do not fit are left out. So are details that are no bytes, which are not
 * the wire's to encode.
 * @param mostBytes what the body may be large, 5 bytes at the least
 */
export function encodeError(error: RpcError, limits: Limits, mostBytes: number = Infinity): Uint8Array {
  const room = mostBytes - headBytes
  const message = utf8Cut(error.message, Math.max(0, Math.min(limits.errorTextBytes, room)))
  const fits = error.details instanceof Uint8Array && message.length + error.details.length <= room
  const details = fits ? (error.details as Uint8Array) : undefined
  const body = new Uint8Array(headBytes + message.length + (details?.length ?? 0))
  body[0] = codes[error.code]
  body[1] = error.reason === undefined ? 0 : reasons[error.reason]
  body[2] =
    executions.indexOf(error.executed) | (error.retryable ? retryableBit : 0) | (details ? detailsBit : 0)
  writeU16(body, 3, message.length)
  body.set(message, headBytes)
  if (details) body.set(details, headBytes + message.length)
  return body
}

/** The error of an error frame's body, its details still bytes; undefined where the body is malformed. */
export function decodeError(body: Uint8Array): RpcError | undefined {
  if (body.length < headBytes) return undefined
  const textEnd = headBytes + readU16(body, 3)
  const executed = executions[body[2]! & 3]
  const message = textEnd <= body.length ? textOf(body.subarray(headBytes, textEnd)) : undefined
  if (executed === undefined || message === undefined) return undefined
  // A code of a later version still is an error.
  const code: Code = codeOf(body[0]!) ?? 'unknown'
  return new RpcError(code, message, {
    reason: reasonOf(body[1]!),
    executed,
    retryable: (body[2]! & retryableBit) !== 0,
    details: (body[2]! & detailsBit) !== 0 ? body.subarray(textEnd) : undefined,
  })
}
