import type { Dialer } from '@hawser/contract'
import { type TlsClientOptions, tcp } from '@hawser/transport-tcp'

const pattern = /^http(s?):\/\/([^/?#@]+?)(?::(\d+))?\/?$/

/** Dials `http://host:port` and `https://host:port`, whose port is 80 or 443 where it is left out. */
export function httpDialer(client: TlsClientOptions): Dialer {
  const transport = tcp({ tls: { client } })
  return {
    schemes: ['http', 'https'],
    async dial(address, cancel) {
      return await transport.dial(socketAddress(address), cancel)
    },
  }
}

/** The address of what is below HTTP. @throws TypeError for an address with more than a host and a port */
export function socketAddress(address: string): string {
  const [, secure, host, port] = pattern.exec(address) ?? []
  if (host === undefined)
    throw new TypeError(
      `Not an http address: ${JSON.stringify(address)}; it looks like http://127.0.0.1:8080`,
    )
  return secure ? `tls://${host}:${port ?? 443}` : `tcp://${host}:${port ?? 80}`
}
