/**
 * Values of types in Thrift's binary and compact layouts, and plain bytes.
 *
 * ```ts
 * import { binary } from '@hawser/codec-binary'
 * import { field, i64, optional, string, struct } from '@hawser/schema'
 *
 * const Tick = struct('market.Tick', { at: field(1, i64), symbol: field(2, string), note: field(3, optional(string)) })
 * const codec = binary().typed(Tick)
 * const bytes = codec.encode({ at: 1_763_650_800n, symbol: 'HWSR' })
 * console.info(bytes.length, codec.decode(bytes)) // 23 { at: 1763650800n, symbol: 'HWSR' }
 * ```
 *
 * @module
 */
export { type BinaryOptions, binary, compact } from './binary.js'
export { type Described, dump } from './dump.js'
export { type GenerateOptions, generate } from './generate.js'
export { raw } from './raw.js'
export type { LayoutName } from './wire.js'
