/**
 * Connections over WebSockets, with TLS where the address says `wss://`.
 *
 * ```ts
 * import { ws } from '@hawser/transport-ws'
 *
 * const transport = ws()
 * await using listener = await transport.listen('ws://127.0.0.1:0/rpc', (connection) => {
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
export type { WsEvent } from './event.js'
export { type WsAccept, type WsUpgradeOptions, wsUpgrade } from './upgrade.js'
export { type WsOptions, ws } from './ws.js'
