/**
 * Connections over tcp, with TLS where the address says `tls://`, and either where it says `tcp+tls://`.
 *
 * ```ts
 * import { tcp } from '@hawser/transport-tcp'
 *
 * const transport = tcp()
 * await using listener = await transport.listen('tcp://127.0.0.1:0', (connection) => {
 *   connection.start((bytes) => connection.send(bytes))
 * })
 * await using connection = await transport.dial(listener.address)
 * const echoed = new Promise<Uint8Array>((resolve) => connection.start(resolve))
 * connection.send(Uint8Array.of(1, 2, 3))
 * console.info(await echoed)
 * ```
 *
 * @module
 */

export type { Pem, TlsClientOptions, TlsServerOptions } from '@hawser/transport-socket'
export type { TcpEvent } from './event.js'
export { type TcpOptions, tcp } from './tcp.js'
