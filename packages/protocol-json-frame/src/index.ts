/**
 * Length-prefixed JSON: calls for ten lines in any language.
 *
 * ```ts
 * import { json } from '@hawser/codec-json'
 * import { jsonFrame } from '@hawser/protocol-json-frame'
 * import { createServer } from '@hawser/server'
 * import { tcp } from '@hawser/transport-tcp'
 *
 * const server = createServer({ transports: [tcp()], codecs: [json()] })
 * server.rpc('/ping', (params: string) => params)
 * // {"in": "ping", "params": "ireader 0"} is answered with {"out": "pong", "result": "ireader 0"}
 * await server.listen('tcp://127.0.0.1:0', { protocols: [jsonFrame({ names: { ping: 'pong' } })] })
 * await server.close()
 * ```
 *
 * @module
 */
export { type JsonFrameOptions, jsonFrame } from './json-frame.js'
