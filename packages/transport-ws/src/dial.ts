import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Cancel, Connection } from '@hawser/contract'
import { clientTls, dialFailure, dialTimeout, discard, type TlsClientOptions } from '@hawser/transport-socket'
import { WebSocket } from 'ws'
import { formatAddress, type WsAddress } from './address.js'
import { connectionOver, type Surroundings } from './driver.js'
import { answeredFailure } from './failure.js'
import { SocketPeer, tlsOf } from './peer.js'
import type { Receiving } from './receiving.js'

/** What a dialer needs to know. */
export interface DialOptions extends Surroundings {
  readonly noDelay: boolean
  readonly keepAlive: boolean
  readonly keepAliveInitialDelay: number
  readonly connectTimeoutMs: number
  readonly subprotocols: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly receiving: Receiving
  readonly tls: TlsClientOptions
}

/** Makes a connection, or fails and leaves nothing behind. */
export function dial(target: WsAddress, options: DialOptions, { signal }: Cancel = {}): Promise<Connection> {
  const address = formatAddress(target)
  const { clock, limits } = options
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const socket = open(target, options)
    const ws = new WebSocket(address, [...options.subprotocols], {
      ...options.receiving,
      followRedirects: false,
      headers: { ...options.headers },
      createConnection: () => socket,
    })
    let timer = arm('connection', options.connectTimeoutMs)

    function arm(phase: string, milliseconds: number): unknown {
      return clock.timer(milliseconds, () => fail(dialTimeout(address, phase, milliseconds)))
    }
    function settle(): void {
      clock.clear(timer)
      signal?.removeEventListener('abort', aborted)
      socket.off('connect', connected)
      ws.removeAllListeners()
    }
    function fail(error: unknown): void {
      settle()
      // What it still says while it is taken down concerns nobody.
      ws.on('error', () => {})
      ws.terminate()
      discard(socket)
      reject(error)
    }
    const failed = (cause: unknown) => fail(dialFailure(address, cause))
    const aborted = () => fail(signal?.reason)
    const connected = () => {
      clock.clear(timer)
      timer = arm('WebSocket handshake', limits.handshakeMs)
    }

    signal?.addEventListener('abort', aborted, { once: true })
    socket.once('connect', connected)
    ws.on('error', failed)
    ws.on('close', () => failed(new Error('the connection was closed')))
    ws.on('unexpected-response', (_, { statusCode = 0 }) => fail(answeredFailure(address, statusCode)))
    ws.on('open', () => {
      settle()
      socket.setNoDelay(options.noDelay)
      resolve(connectionOver(ws, socket, new SocketPeer(target, tlsOf(socket)), options))
    })
  })
}

function open(target: WsAddress, options: DialOptions): Socket {
  const { keepAlive, keepAliveInitialDelay } = options
  const { host, port } = target
  if (target.scheme === 'ws') return connect({ host, port, keepAlive, keepAliveInitialDelay })
  const socket = connectTls({ host, port, ALPNProtocols: ['http/1.1'], ...clientTls(options.tls, target) })
  socket.setKeepAlive(keepAlive, keepAliveInitialDelay)
  return socket
}
