/**
 * The server: methods, dispatch and lifecycle. It takes its transports, codecs and protocols as values and knows none by
 * name.
 *
 * ```ts
 * import { json } from '@hawser/codec-json'
 * import { createServer } from '@hawser/server'
 * import { tcp } from '@hawser/transport-tcp'
 *
 * const server = createServer({ transports: [tcp()], codecs: [json()] })
 * server.rpc('/to_string', (n: number) => String(n))
 * await server.listen('tcp://127.0.0.1:0')
 * await server.close()
 * ```
 *
 * @module
 */
export type { Items, MethodHandler, RpcFunction, ServiceHandlers } from './handlers.js'
export type { MethodOptions, RawMethod, Registration, Signed } from './methods.js'
export type { ListenOptions, ServerOptions } from './options.js'
export { createServer, type Server } from './server.js'
