import { codes, RpcError } from '@hawser/contract'
import { utf8Cut } from '@hawser/wire'

/** How a subscriber is told that its stream is over. */
export interface Farewell {
  readonly code: number
  /** `code/reason: message; do not retry`, at most 123 bytes. */
  readonly text: string
}

const normal = 1000
const goingAway = 1001
const unsupportedData = 1003
const tryAgainLater = 1013
/** Added to the number of a canonical code. */
const ownCodes = 4000
const mostTextBytes = 123

/** What a stream that came to its end is closed with. */
export const ended: Farewell = { code: normal, text: 'The stream has ended; do not retry' }

/** What whoever says something to a stream is told. */
export const spoken: Farewell = { code: unsupportedData, text: 'Nothing is to be sent here; do not retry' }

/** What an error is told as. */
export function farewellOf(error: RpcError): Farewell {
  const { code, reason, message, retryable, retryAfterMs } = error
  const advice = !retryable
    ? '; do not retry'
    : retryAfterMs === undefined
      ? '; retry'
      : `; retry after ${Math.ceil(retryAfterMs)} ms`
  const what = reason === undefined ? code : `${code}/${reason}`
  const most = mostTextBytes - advice.length
  return {
    code: closeCodeOf(error),
    text: `${new TextDecoder().decode(utf8Cut(`${what}: ${message}`, most))}${advice}`,
  }
}

function closeCodeOf({ code, reason }: RpcError): number {
  switch (reason) {
    case 'draining':
      return goingAway
    case 'slow_consumer':
    case 'overloaded':
      return tryAgainLater
    default:
      return ownCodes + codes[code]
  }
}

/** A subscriber that lost messages, and whose form has no place to say so. */
export function gapError(missed: number): RpcError {
  return new RpcError('resource_exhausted', `The subscriber was too slow: ${missed} messages were dropped`, {
    reason: 'slow_consumer',
    retryable: true,
    executed: 'yes',
  })
}
