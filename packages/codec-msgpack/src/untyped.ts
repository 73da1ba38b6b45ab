/**
 * Values as MessagePack by what they are, for pages whose services name no types: schemas are overlooked, and the code that
 * would keep to them is not loaded.
 *
 * ```ts
 * import { msgpack } from '@hawser/codec-msgpack/untyped'
 *
 * const codec = msgpack()
 * console.info(codec.encode({ a: 1 }).length) // 4
 * ```
 *
 * @module
 */
import { valueCodec } from '@hawser/codec-base'
import { type Codec, limitsOf, valueAmounts } from '@hawser/contract'
import { readPlain, writePlain } from './browser/plain.js'
import { pageTexts } from './browser/text.js'
import type { MsgpackOptions } from './msgpack.js'
import { type TokenOptions, TokenReader } from './token-reader.js'
import { messages } from './typed-writer.js'

/**
 * The same bytes as elsewhere, by code that is smaller.
 * @throws TypeError for limits that are none
 */
export function msgpack(options: Pick<MsgpackOptions, 'limits'> = {}): Codec {
  const inner: TokenOptions = { ...limitsOf(valueAmounts, options.limits), texts: pageTexts }
  const write = messages(inner)
  return valueCodec({
    name: 'msgpack',
    contentType: 'application/x-msgpack',
    mistake: 'The value cannot be built here',
    encode: (value, headroom) => write(writePlain, value, headroom),
    decode(bytes) {
      const from = new TokenReader(bytes, inner)
      const value = readPlain(from)
      from.end()
      return value
    },
  })
}
