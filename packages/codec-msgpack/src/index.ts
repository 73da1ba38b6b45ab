/**
 * Values as MessagePack, checked before they are decoded.
 *
 * ```ts
 * import { msgpack } from '@hawser/codec-msgpack'
 *
 * const codec = msgpack({ limits: { depth: 16 } })
 * const bytes = codec.encode({ id: 7n, at: new Date(0), tags: ['a', 'b'] })
 * console.info(bytes.length, codec.decode(bytes)) // 24 { id: 7, at: 1970-01-01T00:00:00.000Z, tags: [ 'a', 'b' ] }
 * ```
 *
 * @module
 */
export { type MsgpackOptions, msgpack } from './msgpack.js'
