import { valueCodec } from '@hawser/codec-base'
import { limitsWith, type SchemaCodec } from '@hawser/contract'
import type { MsgpackOptions } from '../msgpack.js'
import { TokenReader } from '../token-reader.js'
import { typedCodecs } from '../typed.js'
import { TypedWriter } from '../typed-writer.js'
import { readPlain, writePlain } from './plain.js'

/**
 * Values as MessagePack, the same bytes as elsewhere, by code that is a third as large: for pages, where what is loaded
 * counts more than speed.
 * @throws TypeError for limits that are none
 */
export function msgpack(options: MsgpackOptions = {}): SchemaCodec {
  const { depth, nodes } = limitsWith(options.limits)
  const names = { name: 'msgpack', contentType: 'application/x-msgpack' }
  const writer = new TypedWriter(depth, nodes)
  let busy = false

  function write(value: unknown, headroom: number, out: TypedWriter): Uint8Array {
    out.open(headroom)
    writePlain(value, out)
    return out.tokens.close()
  }

  const plain = valueCodec({
    ...names,
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
  return { ...plain, typed: typedCodecs({ ...names, depth, nodes, keys: options.keys ?? 'ids' }) }
}
