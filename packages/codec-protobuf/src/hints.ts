import type { Type } from '@hawser/contract'
import {
  type EnumerationType,
  type Fields,
  type FieldsRead,
  type FieldsWritten,
  type LazyType,
  type ListType,
  type StructType,
  struct,
} from '@hawser/schema'

/** What .proto can say of a message that other layouts have no use for. */
export interface MessageHints {
  /** The keys of each oneof: at most one of them may be set, and the last one read counts. All are optional fields. */
  readonly oneofs?: readonly (readonly string[])[] | undefined
}

/**
 * A struct as .proto has them: with `oneof`, whose members are optional fields.
 * @throws TypeError as `struct` does, and for a oneof of something else than optional fields
 */
export function message<const F extends Fields>(
  name: string,
  fields: F,
  { oneofs = [] }: MessageHints = {},
): StructType<FieldsRead<F>, FieldsWritten<F>> {
  const type = struct(name, fields)
  for (const key of oneofs.flat())
    if (type.fields.find((field) => field.key === key)?.presence !== 'optional')
      throw new TypeError(`${key} is in a oneof of ${name} and no optional field of it`)
  if (oneofs.length === 0) return type
  const hinted: StructType<FieldsRead<F>, FieldsWritten<F>> & MessageHints = { ...type, oneofs }
  return Object.freeze(hinted)
}

/** An enumeration as proto2 has them: a number without a name counts as an unknown field. */
export function closed<T extends EnumerationType>(type: T): T {
  const hinted: T & EnumerationHints = { ...type, closed: true }
  return Object.freeze(hinted)
}

/** A list whose elements are written one by one, as proto2 does by default. Both forms are read, always. */
export function expanded<T, W>(type: ListType<T, W>): ListType<T, W> {
  const hinted: ListType<T, W> & ListHints = { ...type, packed: false }
  return Object.freeze(hinted)
}

/** A message as a group, as proto2's `group` and the editions' `DELIMITED` lay it out: without a length, up to an end. */
export function delimited<T, W>(type: Type<T, W>): LazyType<T, W> {
  const hinted: LazyType<T, W> & LazyHints = { kind: 'lazy', resolve: () => type, delimited: true }
  return Object.freeze(hinted)
}

/** Set by {@link delimited}. */
export interface LazyHints {
  readonly delimited?: boolean | undefined
}

/** Set by {@link closed}. */
export interface EnumerationHints {
  readonly closed?: boolean | undefined
}

/** Set by {@link expanded}. */
export interface ListHints {
  readonly packed?: boolean | undefined
}
