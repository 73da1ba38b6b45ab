import { entriesOf, type Field, type Fields } from './field.js'
import { checkName } from './names.js'
import type { Presence, UnionType } from './type.js'

/** What is read of a union: an object with one of its keys. */
export type UnionRead<F extends Fields> = {
  [K in keyof F]: F[K] extends Field<infer T, unknown, Presence> ? { [P in K]: T } : never
}[keyof F]

/** What may be written of it. */
export type UnionWritten<F extends Fields> = {
  [K in keyof F]: F[K] extends Field<unknown, infer W, Presence> ? { readonly [P in K]: W } : never
}[keyof F]

/**
 * Exactly one of several fields: `{ circle: … }` or `{ square: … }`. A member that the reader does not know is refused.
 * @throws TypeError for a member with a presence of its own, and as `struct` does
 */
export function union<const F extends Fields>(
  name: string,
  members: F,
): UnionType<UnionRead<F>, UnionWritten<F>> {
  checkName(name, 'a union')
  const fields = entriesOf(name, members)
  for (const { key, presence } of fields)
    if (presence !== 'required') throw new TypeError(`The member ${key} of ${name} is always optional`)
  const optional = fields.map((entry) => Object.freeze({ ...entry, presence: 'optional' as const }))
  return Object.freeze({ kind: 'union', name, fields: Object.freeze(optional) })
}
