import { RpcError } from '@hawser/contract'

// What may be otherwise a moment later; ENOENT is a socket file that its listener has yet to make. A name that does not exist,
// a certificate that does not fit and an address family that is missing will not.
const passing: ReadonlySet<string> = new Set([
  'EADDRINUSE',
  'EADDRNOTAVAIL',
  'EAGAIN',
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EMFILE',
  'ENETDOWN',
  'ENETUNREACH',
  'ENFILE',
  'ENOBUFS',
  'ENOENT',
  'ENOMEM',
  'EPIPE',
  'ETIMEDOUT',
])

/** Why no connection could be made. */
export function dialFailure(address: string, cause: unknown): RpcError {
  const code = codeOf(cause)
  // Errors of the system are told by their code; an attempt at several addresses fails without a message of its own.
  const why = code?.startsWith('E') && !code.startsWith('ERR_') ? code : textOf(cause)
  return new RpcError('unavailable', `Cannot connect to ${address}: ${why}`, {
    reason: 'unreachable',
    executed: 'no',
    retryable: code !== undefined && passing.has(code),
    cause,
  })
}

/** A connection that took too long to make. */
export function dialTimeout(address: string, phase: string, milliseconds: number): RpcError {
  return new RpcError('unavailable', `Cannot connect to ${address}: no ${phase} within ${milliseconds} ms`, {
    reason: 'unreachable',
    executed: 'no',
  })
}

/** Why an address could not be listened on. */
export function listenFailure(address: string, cause: unknown): RpcError {
  const executed = 'no'
  switch (codeOf(cause)) {
    case 'EADDRINUSE':
      return new RpcError('already_exists', `${address} is in use`, { executed, cause })
    case 'EACCES':
    case 'EPERM':
      return new RpcError('permission_denied', `Not allowed to listen on ${address}`, {
        reason: 'denied',
        executed,
        cause,
      })
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new RpcError('not_found', `${address} is no address of this machine`, { executed, cause })
    default:
      return new RpcError('unavailable', `Cannot listen on ${address}: ${textOf(cause)}`, { executed, cause })
  }
}

/** What the system or Node calls an error. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : undefined
}

// OpenSSL's messages tell of its sources in several lines; its reason is what is said by them.
function textOf(error: unknown): string {
  const { reason } = (error ?? {}) as { readonly reason?: unknown }
  if (codeOf(error)?.startsWith('ERR_SSL_') && typeof reason === 'string') return reason
  return error instanceof Error ? error.message || String(codeOf(error) ?? error.name) : String(error)
}
