import { type Code, type Reason, RpcError, reasonOf } from '@hawser/contract'
import { goawayTextBytes } from './frames.js'

type Meaning = readonly [code: Code, message: string, retryable: boolean]

const draining: Meaning = ['unavailable', 'The other side is going away', true]

// What each reason means to the one who is told, and whether another connection would fare better.
const meanings: Partial<Record<Reason, Meaning>> = {
  draining,
  closed: draining,
  idle: ['unavailable', 'The other side closed an idle connection', true],
  abuse: ['resource_exhausted', 'The other side saw abuse', false],
  bad_frame: ['internal', 'The other side could not read our frames', false],
  too_large: ['resource_exhausted', 'The other side refused a message for its size', false],
  unsupported: ['unimplemented', 'The other side takes none of the codecs offered', false],
  unauthenticated: ['unauthenticated', 'The credential was refused', false],
  denied: ['permission_denied', 'The other side does not let us in', false],
  overloaded: ['resource_exhausted', 'The other side takes no more connections', true],
  internal: ['unavailable', 'The other side had a fault of its own', true],
}

/** The error a goaway stands for: with a reason that is unknown, or makes no sense in one, what `draining` does. */
export function goawayError(number: number, text: string): RpcError {
  const named = reasonOf(number)
  const meaning = named && meanings[named]
  const [code, message, retryable] = meaning ?? draining
  const told = text.slice(0, goawayTextBytes)
  return new RpcError(code, told === '' ? message : `${message}: ${told}`, {
    reason: meaning ? named : 'draining',
    retryable,
  })
}
