import { typedCodec } from '@hawser/codec-base'
import type { Codec, Type } from '@hawser/contract'
import type { AnyType } from '@hawser/schema'
import { type Keys, type Plan, plans } from './plan.js'
import { TokenReader } from './token-reader.js'
import { TypedWriter } from './typed-writer.js'

/** What the codecs of one stack's types have in common. */
export interface TypedOptions {
  readonly name: string
  readonly contentType: string
  readonly depth: number
  readonly nodes: number
  readonly keys: Keys
}

/** Finds the codec of a type, which it makes once. */
export function typedCodecs(options: TypedOptions): <T, W>(type: Type<T, W>) => Codec<T, W> {
  const { depth, nodes } = options
  const planOf = plans(options.keys)
  const known = new WeakMap<Type, Codec>()
  const writer = new TypedWriter(depth, nodes)
  let busy = false

  function encode(plan: Plan, value: unknown, headroom: number): Uint8Array {
    // A getter of the value may encode in turn.
    if (busy) return write(plan, value, headroom, new TypedWriter(depth, nodes))
    busy = true
    try {
      return write(plan, value, headroom, writer)
    } finally {
      busy = false
    }
  }

  function made(type: AnyType): Codec {
    const plan = planOf(type)
    return typedCodec({
      name: options.name,
      contentType: options.contentType,
      mistake: 'The value cannot be built here',
      encode: (value, headroom) => encode(plan, value, headroom),
      decode(bytes) {
        const from = new TokenReader(bytes, depth, nodes)
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

function write(plan: Plan, value: unknown, headroom: number, out: TypedWriter): Uint8Array {
  out.open(headroom)
  plan.write(value, out)
  return out.tokens.close()
}
