import { typedCodec } from '@hawser/codec-base'
import type { Codec, Type } from '@hawser/contract'
import type { AnyType } from '@hawser/schema'
import { type Keys, plans } from './plan.js'
import { type TokenOptions, TokenReader } from './token-reader.js'
import { messages } from './typed-writer.js'

/** What the codecs of one stack's types have in common. */
export interface TypedOptions extends TokenOptions {
  readonly name: string
  readonly contentType: string
  readonly keys: Keys
}

/** Finds the codec of a type, which it makes once. */
export function typedCodecs(options: TypedOptions): <T, W>(type: Type<T, W>) => Codec<T, W> {
  const planOf = plans(options.keys)
  const known = new WeakMap<Type, Codec>()
  const write = messages(options)

  function made(type: AnyType): Codec {
    const plan = planOf(type)
    return typedCodec({
      ...options,
      mistake: 'The value cannot be built here',
      encode: (value, headroom) => write(plan.write, value, headroom),
      decode(bytes) {
        const from = new TokenReader(bytes, options)
        const value = plan.read(from)
        from.end()
        return value
      },
    })
  }

  return <T, W>(type: Type<T, W>): Codec<T, W> => {
    let codec = known.get(type)
    if (!codec) {
      codec = made(type as AnyType)
      known.set(type, codec)
    }
    return codec as Codec<T, W>
  }
}
