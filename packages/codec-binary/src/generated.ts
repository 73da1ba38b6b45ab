import { type Codec, type Limits, limitsWith } from '@hawser/contract'
import type { AnyType, Infer, InferInput } from '@hawser/schema'
import { fingerprint } from './fingerprint.js'
import { type Plan, planOf } from './plan.js'
import { Stores, typedCodec } from './typed-codec.js'
import type { LayoutName } from './wire.js'
import type { BackEnd } from './writer.js'

/** An object of which the fields may be asked for. */
export type Fields = Readonly<Record<string, unknown>>

/** Options of codecs that were generated. */
export interface GeneratedOptions {
  /** `depth` and `nodes` apply, to encoding and decoding alike. */
  readonly limits?: Partial<Limits> | undefined
}

/** A codec for each type. */
export type CodecsOf<T> = { readonly [K in keyof T]: Codec<Infer<T[K]>, InferInput<T[K]>> }

/**
 * The codecs of a generated module.
 * @throws TypeError for types other than those it was generated from
 */
export function generatedCodecs<const T extends Readonly<Record<string, AnyType>>>(
  layout: LayoutName,
  types: T,
  madeFrom: string,
  backEnds: Readonly<Record<keyof T, BackEnd>>,
  options: GeneratedOptions,
): { readonly codecs: CodecsOf<T> } & Pick<Plan, 'fallbacks' | 'makers'> {
  const limits = limitsWith(options.limits)
  const plan = planOf(Object.values(types))
  if (fingerprint(plan) !== madeFrom)
    throw new TypeError('These codecs were generated from types that are others now: generate them again')
  const stores = new Stores()
  const codecs = Object.keys(types).map((name) => [name, typedCodec(layout, backEnds[name]!, limits, stores)])
  return {
    codecs: Object.freeze(Object.fromEntries(codecs)) as CodecsOf<T>,
    fallbacks: plan.fallbacks,
    makers: plan.makers,
  }
}
