import type { Type } from '@hawser/contract'
import type { Modified } from './field.js'
import type { AnyType, FieldEntry, Presence, TupleType } from './type.js'

/** The elements of a tuple: types, those at the end `optional` or `withDefault` where they may be left out. */
export type Elements = readonly (Type | Modified<unknown, unknown, Presence>)[]

type PresenceOf<E> = E extends { readonly presence: infer P } ? P : 'required'
type ReadOf<E> =
  E extends Modified<infer T, infer _, Presence> ? T : E extends Type<infer T, unknown> ? T : never
type WrittenOf<E> =
  E extends Modified<infer _, infer W, Presence> ? W : E extends Type<unknown, infer W> ? W : never

/** What is read of these elements: all of them, undefined for those that are absent. */
export type ElementsRead<E extends Elements> = {
  -readonly [K in keyof E]: PresenceOf<E[K]> extends 'optional' ? ReadOf<E[K]> | undefined : ReadOf<E[K]>
}

/** What may be written of them. */
export type ElementsWritten<E extends Elements, Head extends unknown[] = []> = E extends readonly [
  infer First,
  ...infer Rest extends Elements,
]
  ? PresenceOf<First> extends 'required'
    ? ElementsWritten<Rest, [...Head, WrittenOf<First>]>
    : ElementsWritten<Rest, [...Head, (WrittenOf<First> | undefined)?]>
  : Head

/**
 * So many elements, each of its own type: an array. Whoever writes one may leave out those at its end that are not required;
 * whoever reads one gets all, undefined for those that are absent.
 * @throws TypeError for no list, an element that is no type, and for a required one behind one that is not
 */
export function tuple<const E extends Elements>(elements: E): TupleType<ElementsRead<E>, ElementsWritten<E>> {
  if (!Array.isArray(elements))
    throw new TypeError('Elements, and the parameters of a signature, are a list: signature([i32], string)')
  const fields = elements.map((element, at): FieldEntry => {
    if (typeof element !== 'object' && typeof element !== 'function')
      throw new TypeError(
        `The element ${at} has no type; one that is defined later is given as lazy(() => Type)`,
      )
    const { type, presence, fallback }: Modified<unknown, unknown, Presence> =
      'kind' in element ? { type: element, presence: 'required' } : element
    return Object.freeze({ key: String(at), id: at + 1, type: type as AnyType, presence, fallback })
  })
  const least = fields.findIndex(({ presence }) => presence !== 'required')
  if (least >= 0 && fields.some(({ presence }, at) => at > least && presence === 'required'))
    throw new TypeError(`An element behind the element ${least}, which may be left out, cannot be required`)
  const make = (parts: object): unknown[] => fields.map(({ key }) => Reflect.get(parts, key))
  const type: TupleType = { kind: 'tuple', name: 'tuple', fields: Object.freeze(fields), make }
  return Object.freeze(type) as TupleType<ElementsRead<E>, ElementsWritten<E>>
}
