/**
 * The client: remote functions and stubs, over one shared connection per address. It takes its transports and codecs as
 * values and knows none by name.
 *
 * ```ts
 * import { createClient } from '@hawser/client'
 * import { json } from '@hawser/codec-json'
 * import { tcp } from '@hawser/transport-tcp'
 *
 * const client = createClient({ transports: [tcp()], codecs: [json()] })
 * const toString = client.remote<(n: number) => string>('tcp://127.0.0.1:57000', '/to_string')
 * console.log(await toString.enabled()) // false: nothing serves it here
 * await client.close()
 * ```
 *
 * @module
 */
export { type Client, createClient } from './client.js'
export type { CallOptions, ClientOptions } from './options.js'
export type { RemoteFunction, RemoteShape } from './remote.js'
export type { ItemsIn, ItemsOut, Stub, StubMethod } from './stub.js'
export { type Calls, type CallsOptions, callsThrough } from './through.js'
