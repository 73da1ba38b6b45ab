import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Cancel, Connection } from '@hawser/contract'
import { formatAddress, type TcpAddress } from './address.js'
import { connectionOver, type Surroundings } from './driver.js'
import { dialFailure, dialTimeout } from './failure.js'
import { peerOf } from './peer.js'
import { clientTls, type TlsClientOptions } from './tls.js'

/** What a dialer needs to know. */
export interface DialOptions extends Surroundings {
  readonly noDelay: boolean
  readonly keepAlive: boolean
  readonly keepAliveInitialDelay: number
  readonly connectTimeoutMs: number
  readonly tls: TlsClientOptions
}

/** Makes a connection, or fails and leaves nothing behind. */
export function dial(target: TcpAddress, options: DialOptions, { signal }: Cancel = {}): Promise<Connection> {
  const address = formatAddress(target)
  const { clock, limits } = options
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const socket = open(target, options)
    let timer = arm('connection', options.connectTimeoutMs)

    function arm(phase: string, milliseconds: number): unknown {
      return clock.timer(milliseconds, () => fail(dialTimeout(address, phase, milliseconds)))
    }
    function settle(): void {
      clock.clear(timer)
      signal?.removeEventListener('abort', aborted)
      socket.removeAllListeners('connect')
      socket.removeAllListeners('secureConnect')
      socket.off('error', failed)
      socket.off('close', closed)
    }
    function fail(error: unknown): void {
      settle()
      // What a socket still says while it is taken down concerns nobody.
      socket.on('error', () => {})
      socket.destroy()
      reject(error)
    }
    const failed = (cause: unknown) => fail(dialFailure(address, cause))
    const aborted = () => fail(signal?.reason)
    const closed = () => failed(new Error('the connection was closed'))
    const done = () => {
      const peer = peerOf(socket)
      if (!peer) {
        closed()
        return
      }
      settle()
      resolve(connectionOver(socket, peer, options))
    }

    signal?.addEventListener('abort', aborted, { once: true })
    socket.on('error', failed)
    socket.on('close', closed)
    if (target.scheme === 'tcp') socket.once('connect', done)
    else {
      socket.once('connect', () => {
        clock.clear(timer)
        timer = arm('TLS handshake', limits.handshakeMs)
      })
      socket.once('secureConnect', done)
    }
  })
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
