/**
 * Services and values described once: types for the compiler, names and kinds for the wire, layouts for the codecs.
 *
 * ```ts
 * import { exception, field, i32, i64, list, optional, serverStream, service, string, struct, unary } from '@hawser/schema'
 *
 * const Search = struct('shop.Search', { text: field(1, string), limit: field(2, optional(i32)) })
 * const Item = struct('shop.Item', { id: field(1, i64), name: field(2, string), tags: field(3, list(string)) })
 * const NotFound = exception('shop.NotFound', { id: field(1, i64) }, { code: 'not_found' })
 *
 * export const Shop = service('shop.Shop', {
 *   get: unary(i64, Item, { errors: { 1: NotFound } }),
 *   search: serverStream(Search, Item),
 * })
 * ```
 *
 * @module
 */
export { breakingChanges } from './changes.js'
export { lazy, list, map, resolved, set } from './containers.js'
export type { Errors } from './declared.js'
export { enumeration } from './enumeration.js'
export { type ExceptionClass, type ExceptionOptions, exception } from './exception.js'
export { type Field, type Fields, field, type Modified, optional, withDefault } from './field.js'
export {
  bool,
  bytes,
  double,
  float,
  i8,
  i16,
  i32,
  i64,
  inForm,
  safeI64,
  string,
  u32,
  u64,
  uuid,
} from './scalars.js'
export {
  clientStream,
  duplex,
  type MethodOf,
  type MethodOptions,
  oneway,
  type Read,
  serverStream,
  service,
  unary,
  type Written,
} from './service.js'
export { type SignatureOf, signature } from './signature.js'
export { type FieldsRead, type FieldsWritten, struct } from './struct.js'
export { type Elements, type ElementsRead, type ElementsWritten, tuple } from './tuple.js'
export type {
  AnyType,
  BoolType,
  BytesType,
  EnumerationType,
  ExceptionType,
  FieldEntry,
  FloatingType,
  Infer,
  InferInput,
  IntegerForm,
  IntegerType,
  LazyType,
  ListType,
  LongType,
  MapType,
  Presence,
  ResolvedType,
  SafeLongType,
  SetType,
  StringType,
  StructType,
  TupleType,
  UnionType,
  UuidType,
} from './type.js'
export { type UnionRead, type UnionWritten, union } from './union.js'
