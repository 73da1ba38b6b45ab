import type { Type } from '@hawser/contract'

/** The types without parts. */
export interface BoolType extends Type<boolean> {
  readonly kind: 'bool'
}

/** How an integer is laid out by protobuf, where that differs from its kind's plain form. Other layouts ignore it. */
export type IntegerForm = 'zigzag' | 'fixed'

/** Whole numbers that a JavaScript number holds. */
export interface IntegerType extends Type<number> {
  readonly kind: 'i8' | 'i16' | 'i32' | 'u32'
  readonly form?: IntegerForm | undefined
}

/** Whole numbers of 64 bits, as bigint. */
export interface LongType extends Type<bigint> {
  readonly kind: 'i64' | 'u64'
  readonly form?: IntegerForm | undefined
  readonly js: 'bigint'
}

/** Whole numbers of 64 bits, as numbers; those beyond 2^53 - 1 are refused rather than rounded. */
export interface SafeLongType extends Type<number> {
  readonly kind: 'i64' | 'u64'
  readonly form?: IntegerForm | undefined
  readonly js: 'number'
}

/** Binary floating point: 64 bits, or 32. */
export interface FloatingType extends Type<number> {
  readonly kind: 'double' | 'float'
}

/** Well-formed Unicode text. */
export interface StringType extends Type<string> {
  readonly kind: 'string'
}

/** Plain bytes. */
export interface BytesType extends Type<Uint8Array> {
  readonly kind: 'bytes'
}

/** A UUID, as 36 characters in lower case. */
export interface UuidType extends Type<string> {
  readonly kind: 'uuid'
}

/** Named numbers of 32 bits. Numbers without a name are carried too, so that a newer peer may have more of them. */
export interface EnumerationType<V extends number = number> extends Type<V> {
  readonly kind: 'enum'
  readonly name: string
  readonly values: Readonly<Record<string, number>>
  /** The first name of each number. */
  readonly names: ReadonlyMap<number, string>
}

/** Elements in order. */
export interface ListType<T = unknown, W = T> extends Type<T[], readonly W[]> {
  readonly kind: 'list'
  readonly element: AnyType
}

/** Elements without order, each once, as JavaScript's Set tells them apart. */
export interface SetType<T = unknown, W = T> extends Type<Set<T>, ReadonlySet<W>> {
  readonly kind: 'set'
  readonly element: AnyType
}

/** Values by key, of any type of key. */
export interface MapType<K = unknown, V = unknown, WK = K, WV = V>
  extends Type<Map<K, V>, ReadonlyMap<WK, WV>> {
  readonly kind: 'map'
  readonly key: AnyType
  readonly value: AnyType
}

/** What it means that a field is not there. */
export type Presence = 'required' | 'optional' | 'default'

/** One field of a struct, as layouts need it. */
export interface FieldEntry {
  /** Its name in objects. */
  readonly key: string
  /** What it is on the wire, for good: names may change, ids may not. */
  readonly id: number
  readonly type: AnyType
  readonly presence: Presence
  /** Makes the value of a field with a default that is not there. */
  readonly fallback?: (() => unknown) | undefined
}

/** Named fields, some of which may be absent. */
export interface StructType<T = unknown, W = T> extends Type<T, W> {
  readonly kind: 'struct'
  readonly name: string
  /** By id. */
  readonly fields: readonly FieldEntry[]
}

/** Exactly one of several fields: an object with one key. */
export interface UnionType<T = unknown, W = T> extends Type<T, W> {
  readonly kind: 'union'
  readonly name: string
  /** By id; all are optional. */
  readonly fields: readonly FieldEntry[]
}

/** A struct that is an error: a class of its own. */
export interface ExceptionType<T = unknown, W = T> extends Type<T, W> {
  readonly kind: 'exception'
  readonly name: string
  /** By id. */
  readonly fields: readonly FieldEntry[]
  /** Makes the error of its fields. */
  make(fields: W): T
  /** Is it one? */
  is(thrown: unknown): thrown is T
}

/** So many elements, each of its own type: an array, and to layouts with ids a struct of the fields 1, 2, … */
export interface TupleType<T = unknown, W = T> extends Type<T, W> {
  readonly kind: 'tuple'
  readonly name: 'tuple'
  /** In order. A field's key is its place, its id the one after that; none behind an optional one is required. */
  readonly fields: readonly FieldEntry[]
  /** Makes the array of an object by these keys. */
  make(parts: object): T
}

/** A type that is named before it is made, so that types can hold themselves. */
export interface LazyType<T = unknown, W = T> extends Type<T, W> {
  readonly kind: 'lazy'
  readonly resolve: () => Type<T, W>
}

/** All types of this package, told apart by `kind`: what a layout goes by. */
export type AnyType =
  | BoolType
  | IntegerType
  | LongType
  | SafeLongType
  | FloatingType
  | StringType
  | BytesType
  | UuidType
  | EnumerationType
  | ListType
  | SetType
  | MapType
  | StructType
  | UnionType
  | ExceptionType
  | TupleType
  | LazyType

/** A type that stands for itself. */
export type ResolvedType = Exclude<AnyType, LazyType>

/** What is read of a type: `type Tick = Infer<typeof Tick>`. */
export type Infer<S> = S extends Type<infer T, unknown> ? T : never

/** What may be written of a type: fields with a default may be left out. */
export type InferInput<S> = S extends Type<unknown, infer W> ? W : never
