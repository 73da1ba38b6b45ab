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
  readonly #known = new Map<Codec, MethodCodecs | TypeError>()
  // Most methods are called in one codec.
  #last: MethodCodecs | undefined

  constructor(method: Pick<MethodType, 'input' | 'output' | 'errors'> = {}) {
    this.#method = method
  }

  /** @throws TypeError for a codec that has no layout for the types */
  of(codec: Codec): MethodCodecs {
    const last = this.#last
    if (last?.plain === codec) return last
    const found = this.#find(codec)
    if (found instanceof TypeError) throw found
    this.#last = found
    return found
  }

  /** Has the codec a layout for the types? */
  fits(codec: Codec): boolean {
    return this.#last?.plain === codec || !(this.#find(codec) instanceof TypeError)
  }

  #find(codec: Codec): MethodCodecs | TypeError {
    let found = this.#known.get(codec)
    if (!found) {
      found = this.#make(codec)
      this.#known.set(codec, found)
    }
    return found
  }

  #make(codec: Codec): MethodCodecs | TypeError {
    const { input, output, errors } = this.#method
    try {
      return {
        plain: codec,
        input: typed(codec, input),
        output: typed(codec, output),
        errors: typed(codec, errors?.type),
      }
    } catch (thrown) {
      if (thrown instanceof TypeError) return thrown
      throw thrown
    }
  }
}

// A validator of another library has no layout.
function typed(codec: Codec, shape: Shape | undefined): Codec {
  if (!shape || '~standard' in shape) return codec
  return codec.typed?.(shape as Type) ?? codec
}
