/**
 * What codecs are built with.
 *
 * ```ts
 * import { readText, Refusal, Slab, textRoom, valueCodec, writeText } from '@hawser/codec-base'
 *
 * // a codec that carries text and nothing else
 * const slab = new Slab()
 * const plain = valueCodec({
 *   name: 'plain',
 *   contentType: 'text/plain',
 *   mistake: 'Not UTF-8',
 *   encode(value, headroom) {
 *     if (typeof value !== 'string' || !value.isWellFormed()) throw new Refusal('is no text')
 *     slab.open(headroom, textRoom(value))
 *     slab.at += writeText(value, slab.bytes, slab.at)
 *     return slab.close()
 *   },
 *   decode: readText,
 * })
 * console.info(plain.decode(plain.encode('hello'))) // hello
 * ```
 *
 * @module
 */
export { describe, isBytes, isDangerous, isPlain } from './kind.js'
export { constructorKey, isName, type Name, protoKey, prototypeKey, sameBytes } from './names.js'
export { Plans } from './plans.js'
export { Refusal, refuse } from './refusal.js'
export {
  checkInteger,
  checkLong,
  checkString,
  checkUuid,
  type IntegerRange,
  integerRange,
  isInherited,
  type LongRange,
  longRange,
  mismatch,
  ownPart,
  receivedLong,
} from './scalar.js'
export { Slab } from './slab.js'
export { type Native, type NativeBytes, native, readText, textRoom, writeText } from './text.js'
export { checkTuple, type TupleElements, tupleOf } from './tuple.js'
export { typedCodec } from './typed-codec.js'
export { checkHeadroom, type Layout, valueCodec } from './value-codec.js'
