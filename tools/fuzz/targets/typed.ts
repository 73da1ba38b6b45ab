import { isDeepStrictEqual } from 'node:util'
import { json } from '@hawser/codec-json'
import { msgpack } from '@hawser/codec-msgpack'
import type { SchemaCodec } from '@hawser/contract'
import { claim, type Outcome, type Target } from '../target.js'
import { jsonTarget } from './json.js'
import { msgpackTarget } from './msgpack.js'
import { refused } from './refusal.js'
import { someMessage, types } from './typed-values.js'

/** Bodies of types in a codec that has a layout without them, too: a byte that says of which type they are, and the rest. */
function typedTarget(codec: SchemaCodec, untyped: Target): Target {
  const codecs = types.map((type) => codec.typed(type))
  return {
    name: `typed-${codec.name}`,
    seeds: untyped.seeds.map((bytes) => Uint8Array.from([0, ...bytes])),
    tokens: untyped.tokens,
    allowance: 2 ** 20,
    generate: (random) => someMessage(codecs, random),
    run(input): Outcome {
      const which = (input[0] ?? 0) % types.length
      const each = codecs[which]!
      let value: unknown
      try {
        value = each.decode(input.subarray(1))
      } catch (error) {
        return refused(error, 'invalid_argument', ['bad_payload', 'too_deep'])
      }
      const again = each.encode(value)
      claim(isDeepStrictEqual(each.encode(each.decode(again)), again), 'Another value came back')
      return { result: 'value', labels: [`a value of type ${which}`] }
    },
  }
}

/** Bodies of types in JSON. */
export const typedJsonTarget: Target = typedTarget(json(), jsonTarget)

/** Bodies of types in MessagePack. */
export const typedMsgpackTarget: Target = typedTarget(msgpack(), msgpackTarget)
