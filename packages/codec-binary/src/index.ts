/**
 * Values as binary.
 *
 * ```ts
 * import { binary } from '@hawser/codec-binary'
 *
 * const codec = binary() // give it to a server or a client: { codecs: [codec] }
 * console.info(codec.contentType)
 * ```
 *
 * @module
 */
export { type BinaryOptions, binary } from './codec.js'
