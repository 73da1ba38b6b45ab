import { entriesOf, type Field, type Fields } from './field.js'
import { checkName } from './names.js'
import type { Presence, StructType } from './type.js'

type KeysOf<F extends Fields, P extends Presence> = {
  [K in keyof F]: F[K] extends Field<unknown, unknown, infer Q> ? (Q extends P ? K : never) : never
}[keyof F]

type Read<S> = S extends Field<infer T, unknown, Presence> ? T : never
type Written<S> = S extends Field<unknown, infer W, Presence> ? W : never

// One object type instead of an intersection: what an editor shows, and cheaper to compare.
type Flat<T> = { [K in keyof T]: T[K] }

/** What is read of these fields. */
export type FieldsRead<F extends Fields> = Flat<
  { [K in KeysOf<F, 'required' | 'default'>]: Read<F[K]> } & {
    [K in KeysOf<F, 'optional'>]?: Read<F[K]> | undefined
  }
>

/** What may be written of these fields. */
export type FieldsWritten<F extends Fields> = Flat<
  { readonly [K in KeysOf<F, 'required'>]: Written<F[K]> } & {
    readonly [K in KeysOf<F, 'optional' | 'default'>]?: Written<F[K]> | undefined
  }
>

/**
 * Named fields. Values are plain objects; an optional field that is absent is no key of them.
 * @param name `package.Name`
 * @throws TypeError for a name that is none, or two fields of one id
 */
export function struct<const F extends Fields>(
  name: string,
  fields: F,
): StructType<FieldsRead<F>, FieldsWritten<F>> {
  checkName(name, 'a struct')
  return Object.freeze({ kind: 'struct', name, fields: entriesOf(name, fields) })
}
