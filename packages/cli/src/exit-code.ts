import type { RpcError } from '@hawser/contract'

/** What the command ends with, for scripts. */
export const exitCodes = {
  ok: 0,
  /** The call came to nothing on the other side: its handler failed, or refused the arguments. */
  failed: 1,
  usage: 2,
  unreachable: 3,
  deadline: 4,
  /** The credential, or what it allows. */
  refused: 5,
  /** No such method, of such a kind, in such a codec. */
  missing: 6,
  interrupted: 130,
} as const

const notThere: readonly (string | undefined)[] = ['bad_frame', 'handshake_timeout', 'unsupported']

/** The exit code for an error. */
export function exitCodeOf({ code, reason, executed }: RpcError): number {
  // What a handler threw is the outcome of the call, whatever it says.
  if (executed === 'yes') return exitCodes.failed
  if (code === 'deadline_exceeded') return exitCodes.deadline
  if (code === 'unauthenticated' || code === 'permission_denied') return exitCodes.refused
  if (reason === 'no_method' || reason === 'wrong_kind' || reason === 'no_codec') return exitCodes.missing
  if (code === 'unavailable' || notThere.includes(reason)) return exitCodes.unreachable
  if (code === 'cancelled') return exitCodes.interrupted
  return exitCodes.failed
}
