import { isIP } from 'node:net'
import type { ConnectionOptions, TlsOptions } from 'node:tls'

/** Certificates and keys as PEM text or bytes. */
export type Pem = string | Uint8Array

/** How a listener proves itself, and what it asks of its clients. */
export interface TlsServerOptions {
  readonly key: Pem
  readonly cert: Pem
  /** Who may sign the certificates of clients. Default: the authorities known to Node. */
  readonly ca?: Pem | readonly Pem[] | undefined
  readonly passphrase?: string | undefined
  /**
   * `none`: clients need no certificate (default). `optional`: asked for, and `peer.tls.verified` tells. `required`: without
   * a valid one there is no connection.
   */
  readonly clientCertificate?: 'none' | 'optional' | 'required' | undefined
}

/** How a dialer checks the listener, and proves itself. The listener's certificate is always verified. */
export interface TlsClientOptions {
  /** Who may sign the listener's certificate. Default: the authorities known to Node. */
  readonly ca?: Pem | readonly Pem[] | undefined
  readonly key?: Pem | undefined
  readonly cert?: Pem | undefined
  readonly passphrase?: string | undefined
  /** The name the listener's certificate has to carry. Default: the host of the address. */
  readonly servername?: string | undefined
}

const minVersion = 'TLSv1.2'

/** The options of Node for a listener. */
export function serverTls(options: TlsServerOptions, handshakeMs: number): TlsOptions {
  const clientCertificate = options.clientCertificate ?? 'none'
  return {
    minVersion,
    handshakeTimeout: handshakeMs,
    requestCert: clientCertificate !== 'none',
    rejectUnauthorized: clientCertificate === 'required',
    key: native(options.key),
    cert: native(options.cert),
    ca: natives(options.ca),
    passphrase: options.passphrase,
  }
}

/** The options of Node for a dialer. */
export function clientTls(options: TlsClientOptions, { host }: { readonly host: string }): ConnectionOptions {
  const servername = options.servername ?? (isIP(host) === 0 ? host : undefined)
  return {
    minVersion,
    rejectUnauthorized: true,
    ca: natives(options.ca),
    key: options.key === undefined ? undefined : native(options.key),
    cert: options.cert === undefined ? undefined : native(options.cert),
    passphrase: options.passphrase,
    ...(servername === undefined ? {} : { servername }),
  }
}

// Node's own types ask for a Buffer where any bytes will do.
function native(pem: Pem): string {
  return typeof pem === 'string' ? pem : new TextDecoder().decode(pem)
}

function natives(pems: Pem | readonly Pem[] | undefined): string[] | undefined {
  if (pems === undefined) return undefined
  return typeof pems === 'string' || pems instanceof Uint8Array ? [native(pems)] : pems.map(native)
}
