import { Refusal, readText, type Slab, textRoom, typedCodec, writeText } from '@hawser/codec-base'
import type { Codec, Type } from '@hawser/contract'
import type { AnyType } from '@hawser/schema'
import { type Count, type Enums, plans } from './plan.js'
import { Walker } from './walker.js'

/** What the codecs of all types have in common. */
export interface TypedOptions {
  readonly name: string
  readonly contentType: string
  readonly mistake: string
  readonly slab: Slab
  readonly depth: number
  readonly nodes: number
  readonly integerDigits: number
  readonly enums: Enums
}

/** Finds the codec of a type, which it makes once. */
export function typedCodecs(options: TypedOptions): <T, W>(type: Type<T, W>) => Codec<T, W> {
  const { slab, depth, nodes, integerDigits } = options
  const planOf = plans(options.enums)
  const known = new WeakMap<Type, Codec>()
  // Structs take the keys they know, and maps are Maps, so that no key is dangerous.
  const walker = new Walker(depth, nodes, integerDigits, true)

  function made(type: AnyType): Codec {
    const plan = planOf(type)
    return typedCodec({
      ...options,
      encode(value, headroom) {
        const text = plan.write(value, countTo(depth, nodes))
        slab.open(headroom, textRoom(text))
        slab.at += writeText(text, slab.bytes, slab.at)
        return slab.close()
      },
      decode(bytes) {
        try {
          walker.walk(bytes)
        } finally {
          walker.release()
        }
        return plan.read(JSON.parse(readText(bytes)))
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

/** One for each message: a getter of the value may encode in turn. */
function countTo(depthLimit: number, nodesLimit: number): Count {
  let depth = 0
  let nodes = 0
  const count: Count = {
    add(values) {
      nodes += values
      if (nodes > nodesLimit) throw new Refusal(`makes more than ${nodesLimit} values`, 'too_deep')
    },
    enter() {
      if (++depth > depthLimit) throw new Refusal(`nests deeper than ${depthLimit}`, 'too_deep')
    },
    leave() {
      depth--
    },
  }
  count.add(1)
  return count
}
