import type { CallKind, DeclaredErrors, MethodType, Shape, StandardSchema } from '@hawser/contract'
import { MethodLayout } from '@hawser/wire'

/** What a method may be told when it is registered. */
export interface MethodOptions {
  /**
   * Checks, and may convert, what comes in before the handler runs: the array of arguments of an `rpc` method, the request
   * (each request of a stream) of a service's.
   */
  readonly input?: StandardSchema | undefined
}

/** A registered method. */
export interface Method {
  readonly name: string
  readonly kind: CallKind
  /** Takes the arguments one by one; a service's method takes one request and the call. */
  readonly style: 'arguments' | 'request'
  readonly handle: (...args: never[]) => unknown
  /** The codecs of its values. */
  readonly layout: MethodLayout
  /** Judges what comes in. */
  readonly input: StandardSchema | undefined
  /** Judges what goes out. */
  readonly output: StandardSchema | undefined
  readonly errors: DeclaredErrors | undefined
}

/** A function registered under a path. */
export function functionOf(name: string, handle: Method['handle'], options: MethodOptions): Method {
  const layout = new MethodLayout()
  const { input } = options
  return {
    name,
    kind: 'unary',
    style: 'arguments',
    handle,
    layout,
    input,
    output: undefined,
    errors: undefined,
  }
}

/**
 * A method of a service.
 * @throws TypeError for two validators of the same input
 */
export function methodOf(
  name: string,
  type: MethodType,
  handle: Method['handle'],
  options: MethodOptions,
): Method {
  const { kind, errors } = type
  const own = validatorOf(type.input)
  if (own && options.input) throw new TypeError(`${name} has a validator of its input already`)
  const input = own ?? options.input
  const output = validatorOf(type.output)
  return { name, kind, style: 'request', handle, layout: new MethodLayout(type), input, output, errors }
}

function validatorOf(shape: Shape | undefined): StandardSchema | undefined {
  return shape && '~standard' in shape ? shape : undefined
}

/** Takes a registration back. */
export interface Registration extends Disposable {
  readonly names: readonly string[]
  /** The methods are gone at once; calls under way go on. Idempotent. */
  remove(): void
}

// What is registered as a path: levels of visible ASCII, none of them empty.
const pathPattern = /^(\/[!-.0-~]+)+$/

/** The methods of a server by name. Looked up in a Map: names from the wire never touch an object's prototype. */
export class MethodTable {
  readonly #methods = new Map<string, Method>()
  readonly #mostBytes: number

  /** @param mostBytes of a name, in UTF-8 */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
  }

  get(name: string): Method | undefined {
    return this.#methods.get(name)
  }

  get names(): string[] {
    return [...this.#methods.keys()]
  }

  /** @throws TypeError for a name that is not `/path`, or longer than allowed */
  checkPath(name: string): void {
    if (typeof name !== 'string' || !pathPattern.test(name))
      throw new TypeError(
        `A method's name begins with / and has no empty levels, unlike ${JSON.stringify(name)}`,
      )
    this.#checkLength(name)
  }

  /**
   * Adds all of them, or none.
   * @throws TypeError for a name that is taken, a handler that is no function, an input that is no validator
   */
  add(methods: readonly Method[]): Registration {
    for (const { name, handle, input } of methods) {
      this.#checkLength(name)
      if (input && !('~standard' in input))
        throw new TypeError(`The input of ${name} is no validator that follows Standard Schema`)
      if (typeof handle !== 'function') throw new TypeError(`The method ${name} has no function to handle it`)
      if (this.#methods.has(name)) throw new TypeError(`There already is a method ${name}`)
    }
    for (const method of methods) this.#methods.set(method.name, method)
    const remove = () => {
      for (const method of methods)
        if (this.#methods.get(method.name) === method) this.#methods.delete(method.name)
    }
    return { names: methods.map(({ name }) => name), remove, [Symbol.dispose]: remove }
  }

  /** False where there is no such method. */
  remove(name: string): boolean {
    return this.#methods.delete(name)
  }

  #checkLength(name: string): void {
    // Names are ASCII, so characters are bytes.
    if (name.length > this.#mostBytes)
      throw new TypeError(`A method's name takes at most ${this.#mostBytes} bytes, not ${name.length}`)
  }
}
