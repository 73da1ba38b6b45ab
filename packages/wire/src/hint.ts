/** What the first bytes of a peer look like. `more`: there are too few to tell. */
export type Look = 'HTTP' | 'HTTP/2' | 'TLS' | 'text' | 'bytes' | 'more'

const http2 = 'PRI * HTTP/2'
const verbs: readonly string[] = [
  'GET ',
  'HEAD ',
  'POST ',
  'PUT ',
  'DELETE ',
  'PATCH ',
  'OPTIONS ',
  'CONNECT ',
  'TRACE ',
  'QUERY ',
  'HTTP/1.',
]
const handshake = 0x16
const tlsMajor = 3

/** What bytes that are not ours look like. */
export function lookOf(head: Uint8Array): Look {
  if (head[0] === handshake) return head.length < 2 ? 'more' : head[1] === tlsMajor ? 'TLS' : 'bytes'
  const shown = head.subarray(0, http2.length)
  if (shown.length === 0 || !shown.every(isPrintable)) return 'bytes'
  const text = String.fromCharCode(...shown)
  if (text.startsWith(http2)) return 'HTTP/2'
  if (verbs.some((verb) => text.startsWith(verb))) return 'HTTP'
  return [http2, ...verbs].some((opening) => opening.startsWith(text)) ? 'more' : 'text'
}

function isPrintable(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d
}

/**
 * What a line of the log says of bytes that are not ours: what they look like, or their first bytes in hex.
 * @param most bytes shown
 */
export function hint(bytes: Uint8Array, most: number): string {
  const look = lookOf(bytes)
  if (look === 'HTTP' || look === 'HTTP/2' || look === 'TLS') return `: the peer speaks ${look}`
  const shown = bytes.subarray(0, most)
  if (shown.length === 0) return ''
  return `: it began with ${Array.from(shown, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
