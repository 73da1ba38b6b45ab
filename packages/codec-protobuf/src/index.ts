/**
 * Values as protobuf.
 *
 * ```ts
 * import { protobuf } from '@hawser/codec-protobuf'
 * import { field, i64, list, optional, string, struct } from '@hawser/schema'
 *
 * const Item = struct('shop.Item', { id: field(1, i64), tags: field(2, list(string)), note: field(3, optional(string)) })
 *
 * const codec = protobuf() // give it to a server or a client: { codecs: [codec] }
 * const items = codec.typed(Item)
 * console.info(items.decode(items.encode({ id: 2n ** 53n + 1n, tags: ['new'] }))) // { id: 9007199254740993n, tags: [ 'new' ] }
 * ```
 *
 * @module
 */
export { type ProtobufOptions, protobuf } from './codec.js'
export { closed, delimited, expanded, type MessageHints, message } from './hints.js'
