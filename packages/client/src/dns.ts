/**
 * Where a service is, asked of the system's name service. Node.js and what has its `node:dns`; elsewhere hand a `lookup` over.
 *
 * @module
 */
import { type PolledOptions, polled } from './polled.js'
import type { Resolver } from './resolver.js'

/** What {@link dns} may be told. */
export interface DnsOptions extends PolledOptions {
  /** Finds the IP addresses of a host. Default: `node:dns`, as `getaddrinfo` and so /etc/hosts have it. */
  readonly lookup?: ((host: string) => Promise<readonly string[]>) | undefined
}

interface Host {
  process?: {
    getBuiltinModule?: (name: string) => { readonly promises?: NodeLookup } | undefined
  }
}
interface NodeLookup {
  lookup(host: string, options: { readonly all: true }): Promise<readonly { readonly address: string }[]>
}

/**
 * The addresses a host name has: `tcp://service.example:57000` becomes `tcp://10.0.0.1:57000` and so on. Asked anew every 30 s,
 * and when one of them cannot be reached.
 *
 * The name is not part of what is dialled: for `tls:` addresses give the transport the name to check certificates against
 * (`tls.client.servername`).
 * @throws TypeError for an address that has no host name
 */
export function dns(address: string, options: DnsOptions = {}): Resolver {
  const parts = /^([a-z][a-z0-9+.-]*:\/\/)([^/:?#@[\]]+)((?:[:/?#].*)?)$/.exec(address)
  if (!parts)
    throw new TypeError(
      `An address with a host name is needed, as in tcp://service.example:57000, unlike ${JSON.stringify(address)}`,
    )
  const [, scheme, host, rest] = parts as unknown as readonly [string, string, string, string]
  const { lookup = systemLookup } = options
  return polled(async () => {
    const found = await lookup(host)
    return found.map((ip) => `${scheme}${ip.includes(':') ? `[${ip}]` : ip}${rest}`).sort()
  }, options)
}

async function systemLookup(host: string): Promise<readonly string[]> {
  const found = (globalThis as Host).process?.getBuiltinModule?.('node:dns')?.promises
  if (!found) throw new TypeError('There is no name service here; give dns() a lookup')
  const addresses = await found.lookup(host, { all: true })
  return addresses.map(({ address }) => address)
}
