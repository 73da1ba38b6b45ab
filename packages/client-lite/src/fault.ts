import { type Code, type Executed, type Reason, RpcError } from '@hawser/contract'

/** An error with its facts in a row: most of what there is of them here, and so the shortest way to say it. */
export function fault(
  code: Code,
  reason: Reason,
  message: string,
  executed?: Executed,
  retryable?: boolean,
  cause?: unknown,
): RpcError {
  return new RpcError(code, message, { reason, executed, retryable, cause })
}

/** The peer broke the framing rules; it ends the connection. */
export function badFrame(message: string): RpcError {
  return fault('invalid_argument', 'bad_frame', message, 'no')
}

/** Something is over a limit. */
export function exhausted(reason: Reason, message: string, executed?: Executed): RpcError {
  return fault('resource_exhausted', reason, message, executed, false)
}

/** A message is over the limit. */
export function tooLarge(size: number, executed: Executed): RpcError {
  return exhausted('too_large', `A message of ${size} bytes is over the limit`, executed)
}

/** A connection was lost, or could not be made, or is closed. */
export function unavailable(
  reason: Reason,
  message: string,
  executed?: Executed,
  retryable?: boolean,
  cause?: unknown,
): RpcError {
  return fault('unavailable', reason, message, executed, retryable, cause)
}

/** Somebody on this side wants no answer any more. */
export function cancelledFor(message: string, cause?: unknown): RpcError {
  return fault('cancelled', 'cancelled', message, 'maybe', false, cause)
}

/** The time of a call is up. */
export function late(cause?: unknown): RpcError {
  return fault('deadline_exceeded', 'deadline', 'The deadline has passed', 'maybe', false, cause)
}

/** A connection that is gone: what was under way may have been executed, or not. */
export function lost(cause?: RpcError): RpcError {
  const why = cause ? `: ${cause.message}` : ''
  return unavailable(
    'connection_lost',
    `The connection was lost${why}`,
    'maybe',
    cause?.retryable ?? true,
    cause,
  )
}
