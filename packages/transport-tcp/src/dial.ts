import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Cancel, Connection } from '@hawser/contract'
import {
  clientTls,
  establish,
  type Phase,
  type Surroundings,
  type TlsClientOptions,
} from '@hawser/transport-socket'
import { formatAddress, type TcpAddress } from './address.js'
import { peerOf } from './peer.js'

/** What a dialer needs to know. */
export interface DialOptions extends Surroundings {
  readonly noDelay: boolean
  readonly keepAlive: boolean
  readonly keepAliveInitialDelay: number
  readonly connectTimeoutMs: number
  readonly tls: TlsClientOptions
}

/** Makes a connection, or fails and leaves nothing behind. */
export async function dial(
  target: TcpAddress,
  options: DialOptions,
  { signal }: Cancel = {},
): Promise<Connection> {
  signal?.throwIfAborted()
  const { connectTimeoutMs, limits } = options
  const phases: Phase[] = [{ event: 'connect', name: 'connection', milliseconds: connectTimeoutMs }]
  if (target.scheme === 'tls')
    phases.push({ event: 'secureConnect', name: 'TLS handshake', milliseconds: limits.handshakeMs })
  const socket = open(target, options)
  const peer = () => peerOf(socket)
  return establish(socket, { address: formatAddress(target), phases, peer }, options, { signal })
}

function open(target: TcpAddress, options: DialOptions): Socket {
  const { noDelay, keepAlive, keepAliveInitialDelay } = options
  const { host, port } = target
  if (target.scheme === 'tcp') return connect({ host, port, noDelay, keepAlive, keepAliveInitialDelay })
  const socket = connectTls({ host, port, ...clientTls(options.tls, target) })
  socket.setNoDelay(noDelay)
  socket.setKeepAlive(keepAlive, keepAliveInitialDelay)
  return socket
}
