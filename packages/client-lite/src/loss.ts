import { type Code, type Executed, type Reason, RpcError, reasonOf } from '@hawser/contract'
import { goawayTextBytes } from '@hawser/wire'

/** What is over a limit of messages. */
export function tooLarge(size: number, most: number, executed: Executed): RpcError {
  return new RpcError('resource_exhausted', `A message of ${size} bytes, over the limit of ${most}`, {
    reason: 'too_large',
    executed,
    retryable: false,
  })
}

/** What a call fails with for which no connection could be made. */
export function unreachable(address: string, why: string): RpcError {
  return new RpcError('unavailable', `${address} cannot be reached: ${why}`, {
    reason: 'unreachable',
    executed: 'no',
  })
}

/** What a call fails with that is one too many for those that wait. */
export function tooManyWait(): RpcError {
  return new RpcError('resource_exhausted', 'Too many calls wait for a connection', {
    reason: 'overloaded',
    executed: 'no',
    retryable: false,
  })
}

/** What fails that was to be sent in a codec which the other side does not take. */
export function noCodec(name: string): RpcError {
  return new RpcError('unimplemented', `The other side does not take the codec ${name}`, {
    reason: 'no_codec',
    executed: 'no',
  })
}

/** What somebody on this side cancelled. */
export function cancelledError(message: string, cause?: unknown): RpcError {
  return new RpcError('cancelled', message, { reason: 'cancelled', cause })
}

// What those goaways mean that are no peaceful end.
const codes: Partial<Record<Reason, Code>> = {
  bad_frame: 'internal',
  too_large: 'resource_exhausted',
  unsupported: 'unimplemented',
  unauthenticated: 'unauthenticated',
  denied: 'permission_denied',
  overloaded: 'resource_exhausted',
  abuse: 'resource_exhausted',
}
const peaceful: readonly (Reason | undefined)[] = ['closed', 'idle', 'internal']

/** The error a goaway stands for: with a reason that is unknown, or makes no sense in one, what `draining` does. */
export function goawayError(number: number, text: string): RpcError {
  const named = reasonOf(number)
  const code = named && codes[named]
  const reason = named && (code || peaceful.includes(named)) ? named : 'draining'
  const told = text.slice(0, goawayTextBytes)
  return new RpcError(code ?? 'unavailable', `The other side is going away: ${told || reason}`, {
    reason,
    retryable: !code || reason === 'overloaded',
  })
}
