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
import type { MsgpackOptions } from './msgpack.js'
import { TokenReader } from './token-reader.js'
import { TypedWriter } from './typed-writer.js'

/**
 * The same bytes as elsewhere, by code that is smaller.
 * @throws TypeError for limits that are none
 */
export function msgpack(options: Pick<MsgpackOptions, 'limits'> = {}): Codec {
  const { depth, nodes } = limitsOf(valueAmounts, options.limits)
  const writer = new TypedWriter(depth, nodes)
  let busy = false

  function write(value: unknown, headroom: number, out: TypedWriter): Uint8Array {
    out.open(headroom)
    writePlain(value, out)
    return out.tokens.close()
  }

  return valueCodec({
    name: 'msgpack',
    contentType: 'application/x-msgpack',
    mistake: 'The value cannot be built here',
    encode(value, headroom) {
      // A getter of the value may encode in turn.
      if (busy) return write(value, headroom, new TypedWriter(depth, nodes))
      busy = true
      try {
        return write(value, headroom, writer)
      } finally {
        busy = false
      }
    },
    decode(bytes) {
      const from = new TokenReader(bytes, depth, nodes)
      const value = readPlain(from)
      from.end()
      return value
    },
  })
}
