/** The parts of `ws://host:port/path` and `wss://host:port/path`. */
export interface WsAddress {
  readonly scheme: 'ws' | 'wss'
  /** A name or an IP address; IPv6 without brackets. */
  readonly host: string
  readonly port: number
  /** With its leading slash. */
  readonly path: string
}

const pattern = /^(wss?):\/\/(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_.-]+))(?::(0|[1-9]\d{0,4}))?(\/[^?#]*)?$/
// Byte for byte what travels: nothing in it may be rewritten by a URL parser on the way.
const plainPath = /^\/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*$/
const dotSegment = /\/(?:\.|%2e){1,2}(?=\/|$)/i
const longestPath = 1_024
const longestName = 253
const highestPort = 65_535
const defaultPorts = { ws: 80, wss: 443 }

/**
 * Reads an address. Without a port it is the scheme's, 80 or 443, without a path it is `/`; a query, a fragment or a user
 * have no place in it. No number is taken that only looks like an IP address.
 * @param lowestPort 0 where the system may choose the port
 * @throws TypeError
 */
export function parseAddress(address: string, lowestPort: 0 | 1): WsAddress {
  const match = pattern.exec(address)
  if (!match) throw wrong(address, 'it looks like ws://127.0.0.1:8080/path or wss://name')
  const scheme = match[1] as 'ws' | 'wss'
  const [, , ip6, name, digits, path = '/'] = match
  const host = ip6 ?? name!
  const port = digits === undefined ? defaultPorts[scheme] : Number(digits)
  if (ip6 !== undefined ? !isIPv6(ip6) : !isHost(host)) throw wrong(address, `${host} is no host`)
  if (port < lowestPort || port > highestPort)
    throw wrong(address, `the port is from ${lowestPort} to ${highestPort}`)
  if (path.length > longestPath || !plainPath.test(path) || dotSegment.test(path))
    throw wrong(address, 'its path holds what a URL would change')
  return { scheme, host, port, path }
}

/** The address as text. */
export function formatAddress({ scheme, host, port, path }: WsAddress): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${path === '/' ? '' : path}`
}

// A resolver would read 127.1 or 0x7f.1 as an IP address, in ways that differ by platform.
const numeric = /(?:^|\.)(?:\d+|0[xX][0-9A-Fa-f]*)$/
const label = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/
const ip4 = /^(?:(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])(?:\.(?!$)|$)){4}$/
const group = /^[0-9A-Fa-f]{1,4}$/

function isHost(host: string): boolean {
  if (numeric.test(host)) return ip4.test(host)
  return host.length <= longestName && host.split('.').every((part) => label.test(part))
}

// Written out, since a browser has no node:net to ask.
function isIPv6(host: string): boolean {
  const halves = host.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const last = groups.at(-1)
  const embedded = last !== undefined && ip4.test(last) && !host.endsWith('::')
  if (!(embedded ? groups.slice(0, -1) : groups).every((one) => group.test(one))) return false
  const count = groups.length + (embedded ? 1 : 0)
  return halves.length === 2 ? count < 8 : count === 8
}

function wrong(address: string, why: string): TypeError {
  return new TypeError(`Not a WebSocket address: ${JSON.stringify(address)}; ${why}`)
}
