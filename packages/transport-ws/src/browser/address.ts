/** The address of a server, as a page dials it. */
export interface PageAddress {
  /** With its port, and without the path `/`. */
  readonly address: string
  /** A name or an IP address; IPv6 without brackets. */
  readonly host: string
  readonly encrypted: boolean
}

// Byte for byte what travels: nothing in a path may be rewritten on the way.
const pattern = /^(wss?):\/\/(\[.+\]|[\w.-]+)(?::([1-9]\d*))?(\/(?:[\w.~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?$/
const name = /^(?=.{1,253}$)(?:\w(?:[\w-]{0,61}\w)?(?:\.(?!$)|$))+$/
const longestPath = 1_024

/**
 * Reads an address as `parseAddress` does in Node.js, by the URL parser that every page has: what that would rewrite is refused,
 * numbers that only look like an IP address among it.
 * @throws TypeError
 */
export function parseAddress(text: string): PageAddress {
  const [match, scheme, host = '', digits, path = '/'] = pattern.exec(text) ?? []
  if (match !== undefined && path.length <= longestPath) {
    const { hostname, pathname } = new URL(text)
    const bracketed = host.startsWith('[')
    // The parser writes IPv6 in its shortest form, and does not look at the length of names.
    const isHost = bracketed || (hostname === host.toLowerCase() && name.test(host))
    if (isHost && pathname === path) {
      const encrypted = scheme === 'wss'
      return {
        address: `${scheme}://${host}:${digits ?? (encrypted ? 443 : 80)}${path === '/' ? '' : path}`,
        host: bracketed ? host.slice(1, -1) : host,
        encrypted,
      }
    }
  }
  throw new TypeError(`Not a WebSocket address: ${JSON.stringify(text)}`)
}
