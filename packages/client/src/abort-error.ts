import { RpcError } from '@hawser/contract'

/** What a call ends with that was aborted by its caller's signal. */
export function abortError(reason: unknown): RpcError {
  if (RpcError.is(reason)) return reason
  // AbortSignal.timeout() gives a TimeoutError, and means a deadline.
  const timedOut = (reason as { name?: unknown } | undefined)?.name === 'TimeoutError'
  return timedOut
    ? new RpcError('deadline_exceeded', 'The signal of the call timed out', {
        reason: 'deadline',
        cause: reason,
      })
    : new RpcError('cancelled', 'The call was cancelled by its signal', {
        reason: 'cancelled',
        cause: reason,
      })
}
