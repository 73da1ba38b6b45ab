import { entriesOf, type Fields } from './field.js'
import { checkName } from './names.js'
import type { Presence, StructType } from './type.js'

// One object type instead of an intersection: what an editor shows, and cheaper to compare.
type Flat<T> = { [K in keyof T]: T[K] }

type ReadOf<F extends Fields, K extends keyof F> = NonNullable<F[K]['_read']>[0]
type WrittenOf<F extends Fields, K extends keyof F> = NonNullable<F[K]['_written']>[0]

// Keys are told apart by what is a property, not by inference: with many structs that is most of what the compiler does.
type Only<F extends Fields, K extends keyof F, P extends Presence> = F[K]['presence'] extends P ? K : never

/** What is read of these fields. */
export type FieldsRead<F extends Fields> = Flat<
  { -readonly [K in keyof F as Only<F, K, 'required' | 'default'>]: ReadOf<F, K> } & {
    -readonly [K in keyof F as Only<F, K, 'optional'>]?: ReadOf<F, K> | undefined
  }
>

/** What may be written of these fields. */
export type FieldsWritten<F extends Fields> = Flat<
  { readonly [K in keyof F as Only<F, K, 'required'>]: WrittenOf<F, K> } & {
    readonly [K in keyof F as Only<F, K, 'optional' | 'default'>]?: WrittenOf<F, K> | undefined
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
