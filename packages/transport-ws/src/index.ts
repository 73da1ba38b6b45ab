/**
 * Connections over ws.
 *
 * ```ts
 * import { ws } from '@hawser/transport-ws'
 *
 * const transport = ws() // give it to a server or a client: { transports: [transport] }
 * console.info(transport.features)
 * ```
 *
 * @module
 */
export { type WsOptions, ws } from './transport.js'
