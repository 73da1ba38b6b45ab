/**
 * Values as protobuf.
 *
 * ```ts
 * import { protobuf } from '@hawser/codec-protobuf'
 *
 * const codec = protobuf() // give it to a server or a client: { codecs: [codec] }
 * console.info(codec.contentType)
 * ```
 *
 * @module
 */
export { type ProtobufOptions, protobuf } from './codec.js'
export { closed, expanded, type MessageHints, message } from './hints.js'
