import { type Codec, type Limits, limitsWith, RpcError } from '@hawser/contract'
import { Refusal, refuse } from './refusal.js'
import { Slab } from './slab.js'
import { readText } from './text.js'
import { Walker } from './walker.js'
import { Writer } from './writer.js'

/** Options of {@link json}. */
export interface JsonOptions {
  /** `depth` and `nodes` apply, to encoding and decoding alike, and `integerDigits` to decoding. */
  readonly limits?: Partial<Limits> | undefined
}

const nothing = new Uint8Array(0)

/**
 * Values as JSON text in UTF-8.
 * @throws TypeError for limits that are none
 */
export function json(options: JsonOptions = {}): Codec {
  const { depth, nodes, integerDigits } = limitsWith(options.limits)
  const walker = new Walker(depth, nodes, integerDigits)
  let slab: Slab | undefined
  return {
    name: 'json',
    contentType: 'application/json',
    encode(value, headroom = 0) {
      if (!(Number.isSafeInteger(headroom) && headroom >= 0))
        throw new TypeError('headroom must be a whole number from 0 up')
      if (value === undefined) return headroom === 0 ? nothing : new Uint8Array(headroom)
      try {
        // A writer for each call: a getter of the value may encode in turn.
        const text = new Writer(depth, nodes).write(value)
        slab ??= new Slab()
        return slab.write(text, headroom)
      } catch (thrown) {
        throw Refusal.error(thrown)
      }
    },
    decode(bytes) {
      if (bytes.length === 0) return undefined
      try {
        walker.walk(bytes)
        return JSON.parse(readText(bytes))
      } catch (thrown) {
        if (RpcError.is(thrown)) throw thrown
        // The message of a SyntaxError quotes the payload, so it is not passed on.
        refuse('Not valid JSON')
      } finally {
        walker.release()
      }
    },
  }
}
