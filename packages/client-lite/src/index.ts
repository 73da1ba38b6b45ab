/**
 * A small client for pages: remote functions and stubs over hawser/1, for calls to servers and nothing else.
 *
 * ```ts
 * import { createClient } from '@hawser/client-lite'
 * import { msgpack } from '@hawser/codec-msgpack'
 * import { ws } from '@hawser/transport-ws'
 *
 * const client = createClient({ transports: [ws()], codecs: [msgpack()] })
 * const toString = client.remote<(n: number) => string>('ws://127.0.0.1:57000', '/to_string')
 * console.log(await toString.enabled()) // false: nothing serves it here
 * await client.close()
 * ```
 *
 * @module
 */
export { type Client, createClient } from './client.js'
export type { CallOptions, ClientOptions, ServerPeer } from './options.js'
export type { ItemsIn, ItemsOut, RemoteFunction, RemoteShape, Signed, Stub, StubMethod } from './stub.js'
