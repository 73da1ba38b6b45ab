import { type Codec, RpcError } from '@hawser/contract'
import { Refusal, refuse } from './refusal.js'
import { checkHeadroom, type Layout } from './value-codec.js'

/**
 * The codec of one type, of which `undefined` is no value: it is refused, and so are no bytes. `decode` may also throw
 * {@link Refusal}.
 */
export function typedCodec<T, W>(layout: Layout): Codec<T, W> {
  return {
    name: layout.name,
    contentType: layout.contentType,
    encode(value, headroom = 0) {
      checkHeadroom(headroom)
      try {
        return layout.encode(value, headroom)
      } catch (thrown) {
        throw Refusal.error(thrown)
      }
    },
    decode(bytes) {
      if (bytes.length === 0) refuse('There is no value')
      try {
        return layout.decode(bytes) as T
      } catch (thrown) {
        if (thrown instanceof Refusal) throw thrown.received()
        if (RpcError.is(thrown)) throw thrown
        // Its message might quote the payload, so it is not passed on.
        refuse(layout.mistake)
      }
    },
  }
}
