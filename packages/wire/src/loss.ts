import { RpcError } from '@hawser/contract'

/** What a call fails with that is begun after this side has closed. */
export function closedError(): RpcError {
  return new RpcError('unavailable', 'The connection was closed on this side', {
    reason: 'closed',
    executed: 'no',
  })
}

/** What is left ends with when the user does not wait for it. */
export function cutShortError(): RpcError {
  return new RpcError('cancelled', 'Closing was cut short', { reason: 'closed' })
}

/** What is left ends with when it does not end by itself. */
export function drainedError(): RpcError {
  return new RpcError('unavailable', 'Calls were cut off: they took too long to drain', {
    reason: 'draining',
  })
}

/** What a call fails with that comes in while this side lets the running ones end. */
export function drainingError(): RpcError {
  return new RpcError('unavailable', 'The other side takes no more calls', {
    reason: 'draining',
    executed: 'no',
  })
}

/** What a call fails with whose connection ended before its answer came. */
export function lostError(cause?: RpcError): RpcError {
  return new RpcError(
    'unavailable',
    cause ? `The connection was lost: ${cause.message}` : 'The connection was lost',
    { reason: 'connection_lost', retryable: cause?.retryable ?? true, cause },
  )
}

/** The same error for a call that was not run. That it could be made again does not make it worth trying. */
export function notRun(error: RpcError): RpcError {
  return error.with({ executed: 'no', retryable: error.retryable })
}
