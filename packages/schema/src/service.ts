import type { CallKind, MethodType, ServiceType, Shape, StandardSchema, Type } from '@hawser/contract'
import { declaredErrors, type Errors } from './declared.js'
import { checkIdentifier, checkName } from './names.js'

/** What a method may declare besides its types. */
export interface MethodOptions {
  /** What its handlers may throw as it is, by ids of its own: `{ 1: NotFound }`. */
  readonly errors?: Errors | undefined
}

/** What is read of a shape; void where there is none. */
export type Read<S> =
  S extends StandardSchema<unknown, infer O> ? O : S extends Type<infer T, unknown> ? T : void

/** What is written of a shape; void where there is none. */
export type Written<S> =
  S extends StandardSchema<infer I, unknown> ? I : S extends Type<unknown, infer W> ? W : void

/** A method of these shapes. */
export type MethodOf<K extends CallKind, I, O> = MethodType<K, Read<I>, Read<O>, Written<I>, Written<O>>

type AnyShape = Shape | undefined

type Given = readonly [input?: AnyShape, output?: AnyShape, options?: MethodOptions]

function method<T>(kind: CallKind, given: Given): T {
  const [input, output, { errors } = {}] = given
  // Nothing given is not the same as nothing that goes in.
  const untyped = given.length === 0
  const shapes = { ...(input && { input }), ...(output && { output }) }
  const declared = errors && { errors: declaredErrors('hawser', errors) }
  return Object.freeze({ kind, ...(untyped && { untyped }), ...shapes, ...declared }) as T
}

/** One request, one response. */
export function unary<I, O>(): MethodType<'unary', I, O>
export function unary<I extends AnyShape, O extends AnyShape = undefined>(
  input: I,
  output?: O,
  options?: MethodOptions,
): MethodOf<'unary', I, O>
export function unary(...given: Given): MethodType<'unary'> {
  return method('unary', given)
}

/** One request and no response: the caller does not wait for the handler. */
export function oneway<I>(): MethodType<'oneway', I, void>
export function oneway<I extends AnyShape>(input: I): MethodOf<'oneway', I, undefined>
export function oneway(...given: Given): MethodType<'oneway'> {
  return method('oneway', given)
}

/** Many requests, one response. */
export function clientStream<I, O>(): MethodType<'client-stream', I, O>
export function clientStream<I extends AnyShape, O extends AnyShape = undefined>(
  input: I,
  output?: O,
  options?: MethodOptions,
): MethodOf<'client-stream', I, O>
export function clientStream(...given: Given): MethodType<'client-stream'> {
  return method('client-stream', given)
}

/** One request, many responses. */
export function serverStream<I, O>(): MethodType<'server-stream', I, O>
export function serverStream<I extends AnyShape, O extends AnyShape>(
  input: I,
  output: O,
  options?: MethodOptions,
): MethodOf<'server-stream', I, O>
export function serverStream(...given: Given): MethodType<'server-stream'> {
  return method('server-stream', given)
}

/** Many requests and many responses, each side at its own pace. */
export function duplex<I, O>(): MethodType<'duplex', I, O>
export function duplex<I extends AnyShape, O extends AnyShape>(
  input: I,
  output: O,
  options?: MethodOptions,
): MethodOf<'duplex', I, O>
export function duplex(...given: Given): MethodType<'duplex'> {
  return method('duplex', given)
}

/**
 * A named set of methods: the contract that `server.implement` and `client.stub` share.
 * @param name `package.Service`
 * @throws TypeError for a name that is no dotted identifier, or a method name that is no identifier
 */
export function service<const M extends Record<string, MethodType>>(
  name: string,
  methods: M,
): ServiceType<M> {
  checkName(name, 'a service')
  for (const key of Object.keys(methods)) checkIdentifier(key, 'a method')
  return Object.freeze({ name, methods: Object.freeze({ ...methods }) })
}
