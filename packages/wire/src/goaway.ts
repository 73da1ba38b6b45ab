import { type Code, type Reason, RpcError, reasonOf } from '@hawser/contract'

// What each reason means to the one who is told, and whether another connection would fare better.
const meanings: Partial<Record<Reason, readonly [code: Code, message: string, retryable: boolean]>> = {
  draining: ['unavailable', 'The other side is going away', true],
  closed: ['unavailable', 'The other side is going away', true],
  idle: ['unavailable', 'The other side closed an idle connection', true],
  abuse: ['resource_exhausted', 'The other side saw abuse', false],
  bad_frame: ['internal', 'The other side could not read our frames', false],
  too_large: ['resource_exhausted', 'The other side refused a message for its size', false],
  unsupported: ['unimplemented', 'The other side offers nothing that both speak', false],
  unauthenticated: ['unauthenticated', 'The credential was refused', false],
  denied: ['permission_denied', 'The other side does not let us in', false],
  overloaded: ['resource_exhausted', 'The other side takes no more connections', true],
}

/** The error a goaway stands for. */
export function goawayError(number: number, text: string): RpcError {
  const reason = reasonOf(number) ?? 'draining'
  const [code, message, retryable] = meanings[reason] ?? [
    'unavailable',
    'The other side ended the connection',
    true,
  ]
  return new RpcError(code, text === '' ? message : `${message}: ${text}`, { reason, retryable })
}
