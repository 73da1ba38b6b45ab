/**
 * Values as MessagePack, without msgpackr, for pages.
 *
 * ```ts
 * import { msgpack } from '@hawser/codec-msgpack/browser'
 *
 * const codec = msgpack()
 * console.info(codec.encode({ a: 1 }).length) // 4
 * ```
 *
 * @module
 */
export type { MsgpackOptions } from '../msgpack.js'
export { msgpack } from './msgpack.js'
