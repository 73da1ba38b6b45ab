/**
 * HTTP/1.1 and WebSocket: calls for curl, browsers and any language, streams as server-sent events, topics as WebSockets, on the
 * port that serves Hawser's own clients.
 *
 * ```ts
 * import { json } from '@hawser/codec-json'
 * import { http } from '@hawser/protocol-http'
 * import { createServer } from '@hawser/server'
 * import { tcp } from '@hawser/transport-tcp'
 * import { native } from '@hawser/wire'
 *
 * await using server = createServer({ transports: [tcp()], codecs: [json()], protocols: [native(), http()] })
 * server.rpc('/to_string', (number: number) => String(number))
 * const { address } = await server.listen('tcp://127.0.0.1:0')
 * const answer = await fetch(`${address.replace('tcp:', 'http:')}/to_string`, {
 *   method: 'POST',
 *   body: '[123]',
 *   headers: { 'content-type': 'application/json', connection: 'close' },
 * })
 * console.info(await answer.json()) // '123'
 * ```
 *
 * @module
 */
export { http } from './http.js'
export type { HttpOptions } from './options.js'
export type { Upgrade } from './websocket/upgrade.js'
