import { isIPv4, isIPv6 } from 'node:net'

/** Plain, encrypted, or either, as each connection begins. */
export type Scheme = 'tcp' | 'tls' | 'tcp+tls'

/** The parts of `tcp://host:port`, `tls://host:port` and `tcp+tls://host:port`. */
export interface TcpAddress {
  readonly scheme: Scheme
  /** A name or an IP address; IPv6 without brackets. */
  readonly host: string
  readonly port: number
}

const pattern =
  /^(tcp|tls|tcp\+tls):\/\/(?:\[([0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|([A-Za-z0-9_.-]+)):(0|[1-9]\d{0,4})$/
const longestName = 253
const highestPort = 65_535

/**
 * Reads an address. Nothing is guessed: there is no default port, no path, and no number that only looks like an IP address.
 * @param lowestPort 0 where the system may choose the port
 * @throws TypeError
 */
export function parseAddress(address: string, lowestPort: 0 | 1): TcpAddress {
  const match = pattern.exec(address)
  if (!match)
    throw wrong(address, 'it looks like tcp://127.0.0.1:57000, tcp://[::1]:57000 or tls://name:57000')
  const [, scheme, ip6, name, digits] = match
  const host = ip6 ?? name!
  const port = Number(digits)
  if (ip6 !== undefined ? !isIPv6(ip6) : !isHost(host)) throw wrong(address, `${host} is no host`)
  if (port < lowestPort || port > highestPort)
    throw wrong(address, `the port is from ${lowestPort} to ${highestPort}`)
  return { scheme: scheme as Scheme, host, port }
}

/** The address as text. */
export function formatAddress({ scheme, host, port }: TcpAddress): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

// A resolver would read 127.1 or 0x7f.1 as an IP address, in ways that differ by platform.
const numeric = /(?:^|\.)(?:\d+|0[xX][0-9A-Fa-f]*)$/
const label = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/

function isHost(host: string): boolean {
  if (numeric.test(host)) return isIPv4(host)
  return host.length <= longestName && host.split('.').every((part) => label.test(part))
}

function wrong(address: string, why: string): TypeError {
  return new TypeError(`Not a tcp address: ${JSON.stringify(address)}; ${why}`)
}
