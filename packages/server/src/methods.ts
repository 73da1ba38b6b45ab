import type {
  DeclaredErrors,
  Directory,
  Handler,
  MethodInfo,
  MethodType,
  Shape,
  StandardSchema,
  Type,
} from '@hawser/contract'
import { MethodLayout } from '@hawser/wire'

/** What a method may be told when it is registered. */
export interface MethodOptions {
  /**
   * Checks, and may convert, what comes in before the handler runs: the array of arguments of an `rpc` method, the request
   * (each request of a stream) of a service's.
   */
  readonly input?: StandardSchema | undefined
  /** Does it change nothing, so that anybody may call it any number of times? Default false. */
  readonly safe?: boolean | undefined
  /**
   * How plain HTTP carries its values: `text` and `bytes` as they are, for a function of one text to one text, or of bytes to
   * bytes. Default: as the types say; `values`, as the codec lays them out, where there are none.
   */
  readonly form?: MethodInfo['form'] | undefined
}

/** What says of which types a function's parameters and its result are. */
export interface Signed<R = unknown, WO = unknown> {
  /** Made by `signature` of `@hawser/schema`. */
  readonly signature: MethodType<'unary', R, unknown, unknown, WO>
}

/** A method that does its own encoding: what packages that extend a server are made of. */
export interface RawMethod {
  /** `/path` or `package.Service/method`. */
  readonly name: string
  readonly type: MethodType
  /** Is it a topic? Default false. */
  readonly topic?: boolean | undefined
  /** Default false. */
  readonly safe?: boolean | undefined
  /** Default `request`. */
  readonly style?: MethodInfo['style'] | undefined
  /** As in {@link MethodInfo}. */
  readonly prefers?: string | undefined
  /** Default `values`. */
  readonly form?: MethodInfo['form'] | undefined
  /** How many arguments it takes, for those who describe it. */
  readonly parameters?: number | undefined
  /**
   * Takes the bytes of a call of its kind in a codec that has a layout for its types, and makes those of the reply. It does not run
   * inside the call.
   */
  readonly handler: Handler
  /** It was removed from its server: called once. Calls under way go on, unless this ends them. */
  removed?(): void
  /** Its server closes: called once, for calls that would never end by themselves. */
  closing?(): void
}

/** A registered method. */
export interface Method extends MethodInfo {
  /** Called with values; for a raw method, a {@link Handler}. */
  readonly handle: (...args: never[]) => unknown
  readonly raw: boolean
  /** The codecs of its values. */
  readonly layout: MethodLayout
  /** Judges what comes in. */
  readonly input: StandardSchema | undefined
  /** Judges what goes out. */
  readonly output: StandardSchema | undefined
  readonly errors: DeclaredErrors | undefined
  readonly hooks?: Pick<RawMethod, 'removed' | 'closing'> | undefined
}

/** A function registered under a path. @throws TypeError for a signature that is none */
export function functionOf(
  name: string,
  handle: Method['handle'],
  options: MethodOptions & Partial<Signed>,
): Method {
  const { input, safe = false, signature: type = untyped } = options
  if (type !== untyped && (type.input as Type | undefined)?.kind !== 'tuple')
    throw new TypeError(`The types of ${name} are no signature`)
  return {
    name,
    kind: 'unary',
    style: 'arguments',
    topic: false,
    type,
    // What is no function is refused where it is added.
    parameters: handle?.length,
    form: options.form ?? type.form ?? 'values',
    safe,
    handle,
    raw: false,
    layout: new MethodLayout(type),
    input,
    output: undefined,
    errors: type.errors,
  }
}

const untyped: MethodType<'unary'> = Object.freeze({ kind: 'unary', untyped: true })

/** A method that does its own encoding. */
export function rawMethod(raw: RawMethod): Method {
  const { name, type, handler, topic, safe, style, form, prefers, parameters } = raw
  return {
    name,
    kind: type.kind,
    style: style ?? 'request',
    topic: topic ?? false,
    type,
    parameters,
    form: form ?? 'values',
    prefers,
    safe: safe ?? false,
    handle: handler,
    raw: true,
    layout: new MethodLayout(type),
    input: undefined,
    output: undefined,
    errors: undefined,
    hooks: raw,
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
  const { safe = false, form = type.form ?? 'values' } = options
  const own = validatorOf(type.input)
  if (own && options.input) throw new TypeError(`${name} has a validator of its input already`)
  const input = own ?? options.input
  const output = validatorOf(type.output)
  return {
    name,
    kind,
    style: 'request',
    topic: false,
    type,
    form,
    safe,
    handle,
    raw: false,
    layout: new MethodLayout(type),
    input,
    output,
    errors,
  }
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
export class MethodTable implements Directory {
  readonly #methods = new Map<string, Method>()
  readonly #mostBytes: number

  /** @param mostBytes of a name, in UTF-8 */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
  }

  get(name: string): Method | undefined {
    return this.#methods.get(name)
  }

  all(): Iterable<Method> {
    return this.#methods.values()
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
      for (const method of methods) if (this.#methods.get(method.name) === method) this.remove(method.name)
    }
    return { names: methods.map(({ name }) => name), remove, [Symbol.dispose]: remove }
  }

  /** False where there is no such method. */
  remove(name: string): boolean {
    const method = this.#methods.get(name)
    if (!method) return false
    this.#methods.delete(name)
    method.hooks?.removed?.()
    return true
  }

  /** The server closes. */
  closing(): void {
    for (const { hooks } of [...this.#methods.values()]) hooks?.closing?.()
  }

  #checkLength(name: string): void {
    // Names are ASCII, so characters are bytes.
    if (name.length > this.#mostBytes)
      throw new TypeError(`A method's name takes at most ${this.#mostBytes} bytes, not ${name.length}`)
  }
}
