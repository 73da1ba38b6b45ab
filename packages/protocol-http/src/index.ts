/**
 * HTTP and WebSocket: calls for curl and browsers, streams as server-sent events, topics as WebSockets.
 *
 * @module
 */
export {}
