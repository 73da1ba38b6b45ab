import type { Codec, RpcError } from '@hawser/contract'
import { utf8Cut } from '@hawser/wire'

/**
 * What an error is in JSON: everything that crosses any wire of it, and never its stack.
 * @param details JSON
 * @param most bytes of its message
 */
export function errorBody(error: RpcError, most: number, details?: string): string {
  const { code, reason, executed, retryable, retryAfterMs } = error
  const facts = JSON.stringify({
    code,
    reason,
    message: cut(error.message, most),
    executed,
    retryable,
    // What never makes sense again has no number in JSON.
    retryAfterMs: retryAfterMs === Infinity ? -1 : retryAfterMs,
  })
  return details === undefined ? facts : `${facts.slice(0, -1)},"details":${details}}`
}

/**
 * Details as JSON; undefined where they cannot be had so, which is no reason to lose the error.
 * @param codecs those the details may be laid out in, the likeliest first
 */
export function detailsBody(
  details: unknown,
  codecs: readonly (Codec | undefined)[],
  json: Codec | undefined,
): string | undefined {
  if (!(details instanceof Uint8Array) || !json) return undefined
  for (const codec of codecs)
    try {
      if (!codec) continue
      const value = codec.decode(details)
      const text = new TextDecoder().decode(codec.name === json.name ? details : json.encode(value))
      if (text !== '') return text
    } catch {
      // The next one, then.
    }
  return undefined
}

/** What AMRPC's server says of a method that is not there. */
export const absentPhrase = 'remote method not found'

/** What AMRPC's server says of a failure: what was not understood is told apart from what failed. */
export function amrpcText({ code, executed, message }: RpcError): string {
  return code === 'invalid_argument' && executed === 'no' ? `bad rpc request: ${message}` : message
}

/** A message as it may stand behind the status: one line of Latin-1. */
export function phraseOf(message: string): string {
  return cut(message, phraseBytes).replace(/[^\x20-\x7e\xa0-\xff]+/g, ' ')
}

const phraseBytes = 256

function cut(text: string, most: number): string {
  return text.length * 3 <= most ? text : new TextDecoder().decode(utf8Cut(text, most))
}
