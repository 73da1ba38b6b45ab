import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { PeerInfo, TlsIdentity } from '@hawser/contract'
import { formatAddress } from './address.js'

/** The far end of a socket. Its address is put together when asked for: an idle connection should not hold the text. */
export class SocketPeer implements PeerInfo {
  readonly host: string
  readonly port: number
  readonly tls: TlsIdentity | undefined

  constructor(host: string, port: number, tls: TlsIdentity | undefined) {
    this.host = host
    this.port = port
    this.tls = tls
  }

  get address(): string {
    return formatAddress({ scheme: this.tls ? 'tls' : 'tcp', host: this.host, port: this.port })
  }
}

/** Who is at the other end of a connected socket; undefined when it has gone already. */
export function peerOf(
  socket: Socket,
  host: string | undefined = socket.remoteAddress,
): SocketPeer | undefined {
  const port = socket.remotePort
  if (host === undefined || port === undefined) return undefined
  return new SocketPeer(host, port, socket instanceof TLSSocket ? identityOf(socket) : undefined)
}

function identityOf(socket: TLSSocket): TlsIdentity {
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
