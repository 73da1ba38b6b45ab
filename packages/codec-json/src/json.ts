import { readText, Slab, textRoom, valueCodec, writeText } from '@hawser/codec-base'
import { type Limits, limitsWith, type SchemaCodec } from '@hawser/contract'
import { Keys } from './quoted.js'
import { typedCodecs } from './typed.js'
import { Walker } from './walker.js'
import { Writer } from './writer.js'

/** Options of {@link json}. */
export interface JsonOptions {
  /** `depth` and `nodes` apply, to encoding and decoding alike, and `integerDigits` to decoding. */
  readonly limits?: Partial<Limits> | undefined
  /** How the values of an enumeration are written; either is read. Default: `names`. */
  readonly enums?: 'names' | 'numbers' | undefined
}

/**
 * Values as JSON text in UTF-8.
 * @throws TypeError for limits that are none
 */
export function json(options: JsonOptions = {}): SchemaCodec {
  const { depth, nodes, integerDigits } = limitsWith(options.limits)
  const walker = new Walker(depth, nodes, integerDigits, false)
  const slab = new Slab()
  const keys = new Keys()
  const names = { name: 'json', contentType: 'application/json', mistake: 'Not valid JSON' }
  const plain = valueCodec({
    ...names,
    encode(value, headroom) {
      // A writer for each call: a getter of the value may encode in turn.
      const text = new Writer(depth, nodes, keys).write(value)
      slab.open(headroom, textRoom(text))
      slab.at += writeText(text, slab.bytes, slab.at)
      return slab.close()
    },
    decode(bytes) {
      try {
        walker.walk(bytes)
        return JSON.parse(readText(bytes))
      } finally {
        walker.release()
      }
    },
  })
  return {
    ...plain,
    typed: typedCodecs({ ...names, slab, depth, nodes, integerDigits, enums: options.enums ?? 'names' }),
  }
}
