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

/** What is said of a method's values. */
export type Described = Pick<MethodType, 'untyped' | 'input' | 'output' | 'errors' | 'envelope'>

/** Finds the codecs of one method, for each codec of the stack. Where a method has types, a codec that can keeps to them. */
export class MethodLayout {
  readonly #method: Described
  readonly #known = new Map<Codec, MethodCodecs | TypeError>()
  // Most methods are called in one codec.
  #last: MethodCodecs | undefined

  constructor(method: Described = { untyped: true }) {
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
    const { untyped, input, output, errors } = this.#method
    const carried = (codec: Codec) => this.#method.envelope?.(codec) ?? codec
    if (codec.needsType && (untyped || isValidator(input) || isValidator(output)))
      return new TypeError(`The codec ${codec.name} carries values only by types of @hawser/schema`)
    try {
      return {
        plain: codec,
        input: typed(codec, input),
        output: carried(typed(codec, output)),
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
  if (!shape || isValidator(shape)) return codec
  return codec.typed?.(shape as Type) ?? codec
}

function isValidator(shape: Shape | undefined): boolean {
  return shape !== undefined && '~standard' in shape
}
