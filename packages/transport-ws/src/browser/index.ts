/**
 * Connections over the WebSocket of the platform, for pages and workers of a browser: dials only.
 *
 * ```ts
 * import { ws } from '@hawser/transport-ws/browser'
 *
 * const transport = ws() // give it to a client: { transports: [transport] }
 * console.info(transport.schemes)
 * ```
 *
 * @module
 */
export type { NativeSocket, NativeWebSocket } from './native-socket.js'
export { type WsDialer, type WsOptions, ws } from './ws.js'
