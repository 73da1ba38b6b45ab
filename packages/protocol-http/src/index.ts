/**
 * HTTP and WebSocket: calls for curl and browsers, streams as server-sent events, topics as WebSockets.
 *
 * @module
 */
export { http } from './http.js'
export type { HttpOptions } from './options.js'
export type { Upgrade } from './websocket/upgrade.js'
