import type { RpcError } from '@hawser/contract'
import type { Circumstances } from './failure.js'

/** What to try next, where the error lets one guess. */
export function hintFor(
  error: RpcError,
  { address = '', log = [], command }: Circumstances,
): string | undefined {
  const { reason, code, executed } = error
  const scheme = /^[a-z0-9+.-]+/.exec(address)?.[0] ?? ''
  if (executed === 'yes')
    return reason === 'bad_payload' && error.message.includes('JSON')
      ? 'try --codec msgpack, which carries more'
      : undefined
  switch (reason) {
    case 'unreachable':
      return unreachableHint(causeOf(error), scheme, address)
    case 'bad_frame':
      return speaksHint(log, scheme, address)
    case 'handshake_timeout':
      return 'something listens there, and says nothing: is it a hawser server?'
    case 'no_method':
      return address ? `hawser list ${address} shows what there is` : undefined
    case 'wrong_kind':
      if (command === 'pull') return 'it is no topic: see hawser call'
      return command === 'bench' ? 'a bench calls what takes one value and answers with one' : undefined
    case 'no_codec':
      return 'try another --codec'
    case 'unauthenticated':
      return 'a credential is taken from HAWSER_TOKEN or --token-file'
    default:
      return code === 'deadline_exceeded' ? 'more time: --deadline 30s' : undefined
  }
}

function causeOf({ cause }: RpcError): string {
  const code = (cause as { code?: unknown } | undefined)?.code
  return typeof code === 'string' ? code : ''
}

function unreachableHint(cause: string, scheme: string, address: string): string | undefined {
  if (cause === 'ECONNREFUSED' || cause === 'ENOENT') return 'is a server listening there?'
  if (cause === 'ENOTFOUND' || cause === 'EAI_AGAIN') return 'is the name right?'
  if (cause === 'EACCES') return 'may you write to the socket file?'
  if (cause === 'ERR_SSL_WRONG_VERSION_NUMBER' || cause === 'EPROTO')
    return `this port speaks no TLS: try ${plain(scheme)}${rest(address)}`
  if (cause === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'the certificate is for another name: see --servername'
  if (/CERT|SIGNATURE|ISSUER/.test(cause)) return 'whom to trust is said with --ca'
  return undefined
}

// The client's log tells what the other side's first bytes look like.
function speaksHint(log: readonly string[], scheme: string, address: string): string {
  const speaker = log.map((line) => /the peer speaks (HTTP|TLS)/.exec(line)?.[1]).find(Boolean)
  const s = scheme === 'tls' || scheme === 'wss' ? 's' : ''
  if (speaker === 'HTTP')
    return `this port speaks HTTP: try http${s}${rest(address)}, or ws${s}${rest(address)}`
  if (speaker === 'TLS') return `this port speaks TLS: try tls${rest(address)}`
  return 'what listens there is no hawser server'
}

function plain(scheme: string): string {
  return scheme === 'tls' ? 'tcp' : scheme.replace(/s$/, '')
}

function rest(address: string): string {
  return address.slice(address.indexOf(':'))
}
