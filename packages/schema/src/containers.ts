import type { Type } from '@hawser/contract'
import type { AnyType, LazyType, ListType, MapType, ResolvedType, SetType } from './type.js'

/** Elements in order: an array. */
export function list<T, W>(element: Type<T, W>): ListType<T, W> {
  return Object.freeze({ kind: 'list', element: element as AnyType })
}

/** Elements without order: a Set. */
export function set<T, W>(element: Type<T, W>): SetType<T, W> {
  return Object.freeze({ kind: 'set', element: element as AnyType })
}

/** Values by key: a Map, with keys of any type. */
export function map<K, V, WK, WV>(key: Type<K, WK>, value: Type<V, WV>): MapType<K, V, WK, WV> {
  return Object.freeze({ kind: 'map', key: key as AnyType, value: value as AnyType })
}

/**
 * A type that is made later, for types that hold themselves. The constant needs its type written out, since it cannot be
 * inferred of itself: `const Tree: StructType<Tree> = struct('Tree', { left: field(1, optional(lazy(() => Tree))) })`.
 */
export function lazy<T, W = T>(resolve: () => Type<T, W>): LazyType<T, W> {
  return Object.freeze({ kind: 'lazy', resolve })
}

/** The type that a type stands for. */
export function resolved(type: Type): ResolvedType {
  let each = type as AnyType
  while (each.kind === 'lazy') each = each.resolve() as AnyType
  return each
}
