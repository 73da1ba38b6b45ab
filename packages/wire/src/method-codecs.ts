import type { Codec, MethodType, Shape, Type } from '@hawser/contract'

/** The codecs of one method's values, all of one name. */
export interface MethodCodecs {
  /** For what has no type of its own: an error's details, say. */
  readonly plain: Codec
  readonly input: Codec
  readonly output: Codec
  /** For the details of declared errors. */
  readonly errors: Codec
}

/** Finds the codecs of one method, for each codec of the stack. Where a method has types, a codec that can keeps to them. */
export class MethodLayout {
  readonly #method: Pick<MethodType, 'input' | 'output' | 'errors'>
  readonly #known = new Map<Codec, MethodCodecs>()
  // Most methods are called in one codec.
  #last: MethodCodecs | undefined

  constructor(method: Pick<MethodType, 'input' | 'output' | 'errors'> = {}) {
    this.#method = method
  }

  /** @throws TypeError for a type that the codec has no layout for */
  of(codec: Codec): MethodCodecs {
    const last = this.#last
    if (last?.plain === codec) return last
    let codecs = this.#known.get(codec)
    if (!codecs) {
      const { input, output, errors } = this.#method
      codecs = {
        plain: codec,
        input: typed(codec, input),
        output: typed(codec, output),
        errors: typed(codec, errors?.type),
      }
      this.#known.set(codec, codecs)
    }
    this.#last = codecs
    return codecs
  }
}

// A validator of another library has no layout.
function typed(codec: Codec, shape: Shape | undefined): Codec {
  if (!shape || '~standard' in shape) return codec
  return codec.typed?.(shape as Type) ?? codec
}
