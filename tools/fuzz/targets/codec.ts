import { isDeepStrictEqual } from 'node:util'
import type { Codec } from '@hawser/contract'
import type { Random } from '../random.js'
import { claim, type Outcome, type Target } from '../target.js'
import { refused } from './refusal.js'

/** What a target for a codec is made of. */
export interface CodecParts {
  readonly codec: Codec
  readonly seeds: readonly Uint8Array[]
  readonly tokens: readonly Uint8Array[]
  generate(random: Random): Uint8Array
  /** Throws where bytes that were taken do not say what they were taken for. */
  check?(input: Uint8Array): void
}

/** Decoding: a value that is the same after another way there and back, or a typed refusal. */
export function codecTarget({ codec, ...parts }: CodecParts): Target {
  return {
    name: codec.name,
    ...parts,
    allowance: 2 ** 20,
    run(input): Outcome {
      let value: unknown
      try {
        value = codec.decode(input)
      } catch (error) {
        return refused(error, 'invalid_argument', ['bad_payload', 'too_deep'])
      }
      parts.check?.(input)
      const again = codec.decode(codec.encode(value))
      claim(isDeepStrictEqual(again, value), 'Another value came back after encoding it again')
      return { result: 'value', labels: [`a value: ${kindOf(value)}`] }
    },
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return typeof value === 'object' ? Object.prototype.toString.call(value) : typeof value
}
