import { type Codec, type Limits, limitsWith, RpcError } from '@hawser/contract'
import { Reader } from './reader.js'
import { Refusal, refuse } from './refusal.js'
import { Walker } from './walker.js'
import { Writer } from './writer.js'

/** Options of {@link msgpack}. */
export interface MsgpackOptions {
  /** `depth` and `nodes` apply, to encoding and decoding alike. */
  readonly limits?: Partial<Limits> | undefined
}

const nothing = new Uint8Array(0)

/**
 * Values as MessagePack. Byte fields of a decoded value are copies.
 * @throws TypeError for limits that are none
 */
export function msgpack(options: MsgpackOptions = {}): Codec {
  const { depth, nodes } = limitsWith(options.limits)
  const walker = new Walker(depth, nodes)
  const reader = new Reader()
  let idle: Writer | undefined
  return {
    name: 'msgpack',
    contentType: 'application/x-msgpack',
    encode(value, headroom = 0) {
      if (!(Number.isSafeInteger(headroom) && headroom >= 0))
        throw new TypeError('headroom must be a whole number from 0 up')
      if (value === undefined) return headroom === 0 ? nothing : new Uint8Array(headroom)
      // A getter of the value may encode in turn: that call finds no idle writer, and makes its own.
      const writer = idle ?? new Writer(depth, nodes)
      idle = undefined
      try {
        return writer.write(value, headroom)
      } catch (thrown) {
        throw Refusal.error(thrown)
      } finally {
        idle = writer
      }
    },
    decode(bytes) {
      if (bytes.length === 0) return undefined
      try {
        return reader.read(bytes, walker.walk(bytes))
      } catch (thrown) {
        if (RpcError.is(thrown)) throw thrown
        refuse('The value cannot be built here')
      }
    },
  }
}
