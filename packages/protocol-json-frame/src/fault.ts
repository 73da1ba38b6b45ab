import {
  type Code,
  codes,
  type Executed,
  type Limits,
  type Reason,
  RpcError,
  reasons,
} from '@hawser/contract'
import { textOf, utf8, utf8Cut } from '@hawser/wire'
import { badPayload, isOneValue, membersOf, valueAt } from './members.js'

const executions: readonly unknown[] = ['no', 'maybe', 'yes'] satisfies readonly Executed[]
const never = -1
const closing = utf8('}')
const detailsKey = utf8(',"details":')

/**
 * An error as the `result` of an answer. Its message is cut, and details that do not fit, or are no JSON, are left out.
 * @param mostBytes what it may be large
 */
export function encodeFault(error: RpcError, limits: Limits, mostBytes: number): Uint8Array {
  const { code, reason, executed, retryable, retryAfterMs } = error
  const message = textOf(utf8Cut(error.message, limits.errorTextBytes))
  const wait = retryAfterMs === Infinity ? never : retryAfterMs
  const facts = utf8(JSON.stringify({ code, reason, message, executed, retryable, retryAfterMs: wait }))
  const details = error.details instanceof Uint8Array ? error.details : undefined
  if (!details || facts.length + detailsKey.length + details.length > mostBytes || !isOneValue(details))
    return facts
  const bytes = new Uint8Array(facts.length + detailsKey.length + details.length)
  bytes.set(facts)
  bytes.set(detailsKey, facts.length - 1)
  bytes.set(details, facts.length - 1 + detailsKey.length)
  bytes.set(closing, bytes.length - 1)
  return bytes
}

/**
 * The error that a `result` says.
 * @throws RpcError `invalid_argument` / `bad_payload` for one that says none
 */
export function decodeFault(bytes: Uint8Array): RpcError {
  const [details] = membersOf(bytes, 0, bytes.length, ['details'])
  const facts = valueAt(bytes, 0, bytes.length) as Readonly<Record<string, unknown>>
  const { code, reason, message, executed, retryable, retryAfterMs } = facts
  if (typeof code !== 'string' || typeof message !== 'string')
    throw badPayload('An error without a code or a message')
  return new RpcError(isCode(code) ? code : 'unknown', message, {
    reason: isReason(reason) ? reason : undefined,
    executed: executions.includes(executed) ? (executed as Executed) : 'maybe',
    ...(typeof retryable === 'boolean' && { retryable }),
    retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : undefined,
    details: details && bytes.subarray(details.start, details.end),
  })
}

function isCode(name: string): name is Code {
  return Object.hasOwn(codes, name)
}

function isReason(name: unknown): name is Reason {
  return typeof name === 'string' && Object.hasOwn(reasons, name)
}
