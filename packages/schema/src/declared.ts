import type { DeclaredErrors, RpcError } from '@hawser/contract'
import type { ExceptionClass } from './exception.js'
import { entriesOf, type Field, field, optional } from './field.js'
import { lastLevel } from './names.js'
import type { UnionType } from './type.js'

/** The exceptions of a method by their ids, which tell them apart on the wire. */
// biome-ignore lint/suspicious/noExplicitAny: any exception will do, whatever its fields
export type Errors = Readonly<Record<number, ExceptionClass<any, any>>>

/**
 * What a method declares to throw: laid out as a union of its exceptions.
 * @throws TypeError for ids that are none
 */
export function declaredErrors(method: string, errors: Errors): DeclaredErrors {
  const classes = Object.entries(errors).map(([id, type]) => ({ id: Number(id), type }))
  const keyed = classes.map(({ id, type }) => ({ key: `${lastLevel(type.name)}_${id}`, id, type }))
  const members = Object.fromEntries(
    keyed.map(({ key, id, type }): [string, Field] => [key, field(id, optional(type))]),
  )
  const type: UnionType = { kind: 'union', name: `${method}.Errors`, fields: entriesOf(method, members) }
  return Object.freeze({
    type,
    pack(thrown: unknown) {
      const found = keyed.find(({ type }) => type.is(thrown))
      if (!found) return undefined
      const { message } = thrown as Error
      return { code: found.type.code, message, details: { [found.key]: { ...(thrown as Error) } } }
    },
    unpack(details: unknown, cause: RpcError): Error {
      const found = keyed.find(({ key }) => Object.hasOwn(details as object, key))
      if (!found) return cause
      const { type } = found
      const value: unknown = Reflect.get(details as object, found.key)
      const error = type.is(value) ? (value as Error) : (type.make(value) as Error)
      error.cause ??= cause
      return error
    },
  })
}
