/**
 * The client: remote functions and stubs, over one shared connection per address, to one server or several. It takes its
 * transports and codecs as values and knows none by name.
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
export { type ConsistentHashOptions, consistentHash } from './consistent-hash.js'
export { type Destination, type Endpoints, type EndpointsOptions, endpoints } from './destination.js'
export type { CallOptions, ClientOptions } from './options.js'
export type { EjectOptions, EjectSettings } from './outlier.js'
export { p2c } from './p2c.js'
export type { Candidate, Pick, Picker } from './picker.js'
export { type Lookup, type PolledOptions, polled } from './polled.js'
export { type Lists, pushed } from './pushed.js'
export type { RemoteFunction, RemoteShape, Signed } from './remote.js'
export { fixed, type Resolver, type ResolverHost, type Watch } from './resolver.js'
export { roundRobin } from './round-robin.js'
export type { ItemsIn, ItemsOut, Stub, StubMethod } from './stub.js'
export { type Calls, type CallsOptions, callsThrough } from './through.js'
