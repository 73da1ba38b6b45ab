import { type Cancel, type Connection, RpcError } from '@hawser/contract'
import type { PageAddress } from './address.js'
import { connectionOver, type Surroundings } from './connection.js'
import type { NativeWebSocket } from './native-socket.js'

/** What a dialer needs to know. */
export interface DialOptions extends Surroundings {
  readonly WebSocket: NativeWebSocket
  readonly connectTimeoutMs: number
  readonly subprotocols: readonly string[]
}

/** Makes a connection, or fails and leaves nothing behind. */
export function dial(
  { address, host, encrypted }: PageAddress,
  options: DialOptions,
  { signal }: Cancel = {},
): Promise<Connection> {
  const { clock, connectTimeoutMs } = options
  // Without a certificate that a browser has verified there is no connection.
  const tls = encrypted ? { verified: true } : undefined
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const socket = new options.WebSocket(address, [...options.subprotocols])
    socket.binaryType = 'arraybuffer'
    const settle = () => {
      clock.clear(timer)
      signal?.removeEventListener('abort', aborted)
      socket.onopen = socket.onclose = null
    }
    const fail = (error: unknown) => {
      settle()
      // It may come to be open all the same; then it is closed at once.
      socket.close()
      reject(error)
    }
    const unreachable = (why: string) =>
      fail(
        new RpcError('unavailable', `Cannot connect to ${address}: ${why}`, {
          reason: 'unreachable',
          executed: 'no',
          retryable: true,
        }),
      )
    const aborted = () => fail(signal?.reason)
    const timer = clock.timer(connectTimeoutMs, () => unreachable(`no answer within ${connectTimeoutMs} ms`))
    signal?.addEventListener('abort', aborted, { once: true })
    // A page is not told why. Nobody there, no such name, a certificate that does not fit, an origin that is refused: all
    // look the same, so that it cannot explore the network.
    socket.onerror = () => {}
    socket.onclose = () => unreachable('the platform does not tell why')
    socket.onopen = () => {
      settle()
      resolve(connectionOver(socket, { address, host, tls }, options))
    }
  })
}
