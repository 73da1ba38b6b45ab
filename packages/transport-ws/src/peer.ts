import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { PeerInfo, TlsIdentity } from '@hawser/contract'
import { formatAddress } from './address.js'

/** The far end of a socket. Its address is put together when asked for: an idle connection should not hold the text. */
export class SocketPeer implements PeerInfo {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly tls: TlsIdentity | undefined

  constructor(at: PeerAddress, tls: TlsIdentity | undefined) {
    this.host = at.host
    this.port = at.port
    this.path = at.path
    this.tls = tls
  }

  get address(): string {
    const { host, port, path } = this
    return formatAddress({ scheme: this.tls ? 'wss' : 'ws', host, port, path })
  }
}

/** Where a peer is; only a listener has a path. */
export interface PeerAddress {
  readonly host: string
  readonly port: number
  readonly path: string
}

/** Where the other end of an accepted socket is; undefined when it has gone already. */
export function addressOf({ remoteAddress: host, remotePort: port }: Socket): PeerAddress | undefined {
  return host === undefined || port === undefined ? undefined : { host, port, path: '/' }
}

/** What TLS says of the other end; undefined where there is none. */
export function tlsOf(socket: Socket): TlsIdentity | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  const certificate = socket.getPeerCertificate()
  const subject: string | string[] | undefined = certificate.subject?.CN
  return {
    verified: socket.authorized,
    // A subject may repeat its common name; then the last one, the most specific, speaks for it.
    subject: Array.isArray(subject) ? subject.at(-1) : subject,
    names: certificate.subjectaltname,
    fingerprint: certificate.fingerprint256,
  }
}
