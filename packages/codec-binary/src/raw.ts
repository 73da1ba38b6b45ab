import { isBytes, Refusal } from '@hawser/codec-base'
import type { Codec, SchemaCodec, Type } from '@hawser/contract'
import { checkHeadroom } from './typed-codec.js'

/**
 * Bytes as they are: values are Uint8Arrays, those encoded are not copied where there is no need, and those decoded are the
 * message itself. No bytes are `undefined`, as for
 * every codec, but for `typed(bytes)`, where they are an empty Uint8Array.
 */
export function raw(): SchemaCodec {
  const bytesCodec: Codec<Uint8Array> = { ...about, encode, decode: (bytes) => bytes }
  return {
    ...about,
    encode: (value, headroom = 0) => encode(value === undefined ? nothing : value, headroom),
    decode: (bytes) => (bytes.length === 0 ? undefined : bytes),
    typed<T, W>(type: Type<T, W>): Codec<T, W> {
      if (type.kind !== 'bytes') throw new TypeError(`The raw codec carries bytes, not ${type.kind}`)
      return bytesCodec as Codec<unknown> as Codec<T, W>
    },
  }
}

const about = { name: 'raw', contentType: 'application/octet-stream' }
const nothing = new Uint8Array(0)

function encode(value: unknown, headroom = 0): Uint8Array {
  checkHeadroom(headroom)
  if (typeof value !== 'object' || value === null || !isBytes(value))
    throw Refusal.error(new Refusal('is no Uint8Array'))
  // Not copied: whoever gives large bytes to a call leaves them alone until it is answered, as with a socket.
  if (headroom === 0) return value
  const bytes = new Uint8Array(headroom + value.length)
  bytes.set(value, headroom)
  return bytes
}
