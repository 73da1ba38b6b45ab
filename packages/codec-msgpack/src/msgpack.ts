import { valueCodec } from '@hawser/codec-base'
import { type Limits, limitsWith, type SchemaCodec } from '@hawser/contract'
import { FlatReader, longestFlat } from './flat-reader.js'
import { FlatWriter } from './flat-writer.js'
import { Packer } from './packer.js'
import type { Keys } from './plan.js'
import { nodeTexts } from './text.js'
import { typedCodecs } from './typed.js'
import { Unpacker } from './unpacker.js'
import { Walker } from './walker.js'

/** Options of {@link msgpack}. */
export interface MsgpackOptions {
  /** `depth` and `nodes` apply, to encoding and decoding alike. */
  readonly limits?: Partial<Limits> | undefined
  /**
   * What fields of a schema are written under; they are read of either. Default: `ids`, which are short, and which a field
   * keeps when it is renamed. `names` is for peers that read without a schema.
   */
  readonly keys?: Keys | undefined
}

/**
 * Values as MessagePack. Byte fields of a decoded value are copies.
 * @throws TypeError for limits that are none
 */
export function msgpack(options: MsgpackOptions = {}): SchemaCodec {
  const { depth, nodes } = limitsWith(options.limits)
  const { keys = 'ids' } = options
  const walker = new Walker(depth, nodes)
  const unpacker = new Unpacker()
  const packer = new Packer(depth, nodes)
  // Short lists of simple values take the short way, which knows no limits.
  const flat = depth >= 1 && nodes > longestFlat
  const reader = new FlatReader()
  const writer = new FlatWriter()
  const names = { name: 'msgpack', contentType: 'application/x-msgpack' }
  const plain = valueCodec({
    ...names,
    mistake: 'The value cannot be built here',
    encode(value, headroom) {
      return (flat ? writer.write(value, headroom) : undefined) ?? packer.pack(value, headroom)
    },
    decode(bytes) {
      const value = flat ? reader.read(bytes) : undefined
      if (value !== undefined) return value
      walker.walk(bytes)
      return unpacker.unpack(bytes, walker)
    },
  })
  return { ...plain, typed: typedCodecs({ ...names, texts: nodeTexts, depth, nodes, keys }) }
}
