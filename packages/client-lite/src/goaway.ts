import { type Code, type Reason, type RpcError, reasonOf } from '@hawser/contract'
import { fault } from './fault.js'

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
export function goawayError(number: number, text = ''): RpcError {
  const named = reasonOf(number)
  const code = named && codes[named]
  const reason = named && (code || peaceful.includes(named)) ? named : 'draining'
  const message = `The other side is going away: ${text.slice(0, 64) || reason}`
  return fault(code ?? 'unavailable', reason, message, 'maybe', !code || reason === 'overloaded')
}
