import type { CallKind } from './call.js'
import type { Codec } from './codec.js'
import type { Code } from './codes.js'
import type { RpcError } from './error.js'
import type { StandardSchema } from './standard-schema.js'

/**
 * The description of a type of values. Package `schema` makes them, and codecs that know that package read them; everything
 * between only hands them on.
 * @typeParam T what is read
 * @typeParam W what may be written, where that differs: fields with a default may be left out
 */
export interface Type<T = unknown, W = T> {
  readonly kind: string
  /** Never set. */
  readonly _read?: T
  /** Never set. A method, so that a type which takes more than is asked for may stand in. */
  _written?(value: W): void
}

/** What can say what goes in or out of a method: a type gives it a layout, a validator only judges it. */
export type Shape<T = unknown, W = T> = Type<T, W> | StandardSchema<W, T>

/** The errors a method declares: thrown by its handlers as they are, and caught by its callers as they are. */
export interface DeclaredErrors {
  /** How their fields are laid out, as the details of an RpcError with the reason `declared`. */
  readonly type: Type
  /** What crosses the wire for a thrown value; undefined for one that is not declared. */
  pack(
    thrown: unknown,
  ): { readonly code: Code; readonly message: string; readonly details: unknown } | undefined
  /** The error that was thrown on the other side, made again of its details. */
  unpack(details: unknown, cause: RpcError): Error
}

/**
 * One method of a service: its kind, and the types of what goes in and out. Without shapes the types exist for the compiler
 * only.
 * @typeParam I what a handler reads, one of them or each item
 * @typeParam O what a caller reads
 * @typeParam WI what a caller writes
 * @typeParam WO what a handler writes
 */
export interface MethodType<K extends CallKind = CallKind, I = unknown, O = unknown, WI = I, WO = O> {
  readonly kind: K
  /** True where nothing describes its values: they are laid out by what they are. */
  readonly untyped?: boolean | undefined
  readonly input?: Shape | undefined
  readonly output?: Shape | undefined
  readonly errors?: DeclaredErrors | undefined
  /** How plain HTTP carries its values, where that is not as the codec lays them out. */
  readonly form?: 'values' | 'text' | 'bytes' | undefined
  /** What is around each output on the wire: makes the codec of the whole from that of the output. */
  envelope?(output: Codec): Codec
  /** Never set. */
  readonly _input?: I
  /** Never set. */
  readonly _output?: O
  /** Never set. */
  readonly _writtenInput?: WI
  /** Never set. */
  readonly _writtenOutput?: WO
}

/** A named set of methods. On the wire a method is called `service/method`. */
export interface ServiceType<M extends Record<string, MethodType> = Record<string, MethodType>> {
  /** `package.Service`: identifiers joined by dots. */
  readonly name: string
  readonly methods: M
}
