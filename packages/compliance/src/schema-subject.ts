import { type Codec, defaultLimits, type Limits, type SchemaCodec, type Type } from '@hawser/contract'
import type { Test } from 'tap'

/** What a layout has a form for, and what it tells apart. Tests are skipped by these, and by nothing else. */
export interface SchemaSupports {
  /** Lists, sets and maps as elements of each other and as members of a union. If not, such types are refused by `typed`. */
  readonly nesting: boolean
  /** What the keys of a map may be: any type, or text, bool and integers only. Other types are refused by `typed`. */
  readonly keys: 'any' | 'simple'
  /** Is a list, set or map that is optional, and empty, told from one that is absent? */
  readonly emptyContainers: boolean
  /** Is a required field that is not there refused? If not, it is read as 0, '' or the like. */
  readonly required: boolean
  /** What a field is on the wire. */
  readonly fields: 'id' | 'name'
  /** Is a struct that is cut anywhere refused? If not, what is left may be a value. */
  readonly whole: boolean
  /** NaN and the infinities. */
  readonly nonFinite: boolean
  /** Is -0 told apart from 0? */
  readonly negativeZero: boolean
}

/** What {@link schemaSuite} needs. */
export interface SchemaSuite {
  /** Where the tests go: the `t` of tap, or a subtest. */
  readonly test: Pick<Test, 'test'>
  /** A codec with these limits. */
  readonly create: (limits: Limits) => SchemaCodec
  readonly supports: SchemaSupports
}

/** A codec with some limits changed. */
export function schemaWith(
  { create }: Pick<SchemaSuite, 'create'>,
  changes: Partial<Limits> = {},
): SchemaCodec {
  return create({ ...defaultLimits, ...changes })
}

/** The codec of one type, for values that the compiler knows nothing of. */
export function layoutOf(suite: SchemaSuite, type: Type, changes: Partial<Limits> = {}): Codec {
  return schemaWith(suite, changes).typed(type)
}
