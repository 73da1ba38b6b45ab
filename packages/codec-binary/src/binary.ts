import { type Codec, type Limits, limitsWith, RpcError, type SchemaCodec, type Type } from '@hawser/contract'
import { canCompile, compile } from './compile.js'
import { interpret } from './interpret.js'
import { type Plan, planOf } from './plan.js'
import { checkHeadroom, contentTypes, Stores, typedCodec } from './typed-codec.js'
import type { LayoutName } from './wire.js'
import type { BackEnd } from './writer.js'

/** Options of {@link binary} and {@link compact}. */
export interface BinaryOptions {
  /** `depth` and `nodes` apply, to encoding and decoding alike. */
  readonly limits?: Partial<Limits> | undefined
  /**
   * What becomes of fields that a type does not have. Kept, they are written again with the object they were read with, as
   * whoever passes things on may want. Default: drop.
   */
  readonly unknownFields?: 'drop' | 'keep' | undefined
  /** Default: compiled, or interpreted where code must not be made from strings. */
  readonly backEnd?: 'compiled' | 'interpreted' | undefined
}

/**
 * Values of types as Thrift's binary layout: fast, and plain.
 * @throws TypeError for limits that are none
 */
export function binary(options: BinaryOptions = {}): SchemaCodec {
  return schemaCodec('binary', options)
}

/**
 * Values of types as Thrift's compact layout: about half the bytes of binary, for a little more work.
 * @throws TypeError for limits that are none
 */
export function compact(options: BinaryOptions = {}): SchemaCodec {
  return schemaCodec('compact', options)
}

function schemaCodec(layout: LayoutName, options: BinaryOptions): SchemaCodec {
  const limits = limitsWith(options.limits)
  const stores = new Stores()
  const known = new WeakMap<Type, Codec<never, unknown>>()
  return {
    name: layout,
    needsType: true,
    contentType: contentTypes[layout],
    encode(value, headroom = 0) {
      checkHeadroom(headroom)
      if (value === undefined) return headroom === 0 ? nothing : new Uint8Array(headroom)
      throw untyped(layout, 'no')
    },
    decode(bytes) {
      if (bytes.length === 0) return undefined
      throw untyped(layout)
    },
    typed<T, W>(type: Type<T, W>): Codec<T, W> {
      const found = known.get(type)
      if (found) return found as Codec<T, W>
      const plan = planOf([type])
      const codec = typedCodec<T, W>(layout, backOf(plan, layout, options), limits, stores)
      known.set(type, codec as Codec<never, unknown>)
      return codec
    },
  }
}

const nothing = new Uint8Array(0)

function backOf(plan: Plan, layout: LayoutName, { backEnd, unknownFields }: BinaryOptions): BackEnd {
  const make = (backEnd ?? (canCompile() ? 'compiled' : 'interpreted')) === 'compiled' ? compile : interpret
  return make(plan, layout, unknownFields === 'keep')
}

function untyped(layout: LayoutName, executed?: 'no'): RpcError {
  return new RpcError(
    'invalid_argument',
    `The ${layout} codec carries values by their types only: describe them with @hawser/schema`,
    {
      reason: 'bad_payload',
      executed,
    },
  )
}
