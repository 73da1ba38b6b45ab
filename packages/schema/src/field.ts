import type { Type } from '@hawser/contract'
import { checkKey } from './names.js'
import type { AnyType, FieldEntry, Presence } from './type.js'

/** A type, and what it means that a value of it is not there. */
export interface Modified<T, W, P extends Presence> {
  readonly type: Type<T, W>
  readonly presence: P
  readonly fallback?: (() => T) | undefined
  /** Never set; in a tuple, so that it says of undefined whether it is part of the type. */
  readonly _read?: readonly [T]
  /** Never set. */
  readonly _written?: readonly [W]
}

/** A numbered field. */
export interface Field<T = unknown, W = T, P extends Presence = Presence> extends Modified<T, W, P> {
  readonly id: number
}

/** Fields by name. */
export type Fields = Readonly<Record<string, Field>>

/** May be absent: undefined, told apart from every value. */
export function optional<T, W>(type: Type<T, W>): Modified<T, W, 'optional'> {
  return { type, presence: 'optional' }
}

/**
 * May be left out by who writes, and is always there for who reads.
 * @param fallback the value, or for one with parts a function that makes it anew for each reader
 * @throws TypeError for an object, which all readers would share
 */
export function withDefault<T, W>(
  type: Type<T, W>,
  fallback: NoInfer<T> | (() => NoInfer<T>),
): Modified<T, W, 'default'> {
  if (typeof fallback === 'object' && fallback !== null)
    throw new TypeError('A default with parts is given as a function that makes it')
  const make = typeof fallback === 'function' ? (fallback as () => T) : () => fallback
  return { type, presence: 'default', fallback: make }
}

// Protobuf's highest, and the range it keeps to itself.
const highestId = 2 ** 29 - 1
const reserved = { from: 19_000, to: 19_999 }

/**
 * A field of a struct.
 * @param id from 1 to 2^29 - 1 (Thrift's layouts: 32,767); it is the field on the wire, and must never be used for another
 * @param type required unless `optional` or `withDefault` says otherwise: a message without it is refused
 * @throws TypeError for an id out of range, or for no type
 */
export function field<T, W>(id: number, type: Type<T, W>): Field<T, W, 'required'>
export function field<T, W, P extends Presence>(id: number, type: Modified<T, W, P>): Field<T, W, P>
export function field(id: number, type: Type | Modified<unknown, unknown, Presence>): Field {
  if (!Number.isInteger(id) || id < 1 || id > highestId)
    throw new TypeError(`A field's id is a whole number from 1 to ${highestId}, not ${id}`)
  if (id >= reserved.from && id <= reserved.to)
    throw new TypeError(`The ids from ${reserved.from} to ${reserved.to} belong to protobuf itself`)
  // Modules that import each other get here with types that are not there yet.
  if (typeof type !== 'object' && typeof type !== 'function')
    throw new TypeError(`The field ${id} has no type; one that is defined later is given as lazy(() => Type)`)
  return Object.freeze('kind' in type ? { id, type, presence: 'required' } : { id, ...type })
}

/**
 * The fields in the order of their ids.
 * @throws TypeError for two of one id, a name that is none, or what was not made by {@link field}
 */
export function entriesOf(owner: string, fields: Fields): readonly FieldEntry[] {
  const entries = Object.entries(fields).map(([key, { id, type, presence, fallback }]): FieldEntry => {
    checkKey(key, `a field of ${owner}`)
    if (id === undefined) throw new TypeError(`${owner}.${key} is given as field(id, type)`)
    return Object.freeze({ key, id, type: type as AnyType, presence, fallback })
  })
  entries.sort((a, b) => a.id - b.id)
  entries.forEach(({ id, key }, at) => {
    const before = entries[at - 1]
    if (before?.id === id) throw new TypeError(`${owner} uses the id ${id} for both ${before.key} and ${key}`)
  })
  return Object.freeze(entries)
}
