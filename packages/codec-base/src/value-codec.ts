import { type Codec, RpcError } from '@hawser/contract'
import { Refusal, refuse } from './refusal.js'

/** The part of a codec that differs from one to the next. */
export interface Layout {
  readonly name: string
  readonly contentType: string
  /** Never undefined; throws {@link Refusal}, and whatever the value's own code throws. */
  encode(value: unknown, headroom: number): Uint8Array
  /** Never no bytes; throws RpcError by {@link refuse}. Anything else it throws is told without its message. */
  decode(bytes: Uint8Array): unknown
  /** What bytes are, when `decode` throws something else. */
  readonly mistake: string
}

const nothing = new Uint8Array(0)

/** The codec of a layout: `undefined` as no bytes, errors as the contract has them, headroom checked. */
export function valueCodec(layout: Layout): Codec {
  return {
    name: layout.name,
    contentType: layout.contentType,
    encode(value, headroom = 0) {
      checkHeadroom(headroom)
      if (value === undefined) return headroom === 0 ? nothing : new Uint8Array(headroom)
      try {
        return layout.encode(value, headroom)
      } catch (thrown) {
        throw Refusal.error(thrown)
      }
    },
    decode(bytes) {
      if (bytes.length === 0) return undefined
      try {
        return layout.decode(bytes)
      } catch (thrown) {
        if (RpcError.is(thrown)) throw thrown
        // Its message might quote the payload, so it is not passed on.
        refuse(layout.mistake)
      }
    },
  }
}

/** @throws TypeError for what is none */
export function checkHeadroom(headroom: number): void {
  if (!(Number.isSafeInteger(headroom) && headroom >= 0))
    throw new TypeError('headroom must be a whole number from 0 up')
}
