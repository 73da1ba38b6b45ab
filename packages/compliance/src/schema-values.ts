import { type AnyType, type FieldEntry, resolved } from '@hawser/schema'

/** What a reader gets of a value that was written: with its defaults, in the precision of its type. */
export function readOf(type: AnyType, value: unknown): unknown {
  const plain = resolved(type)
  switch (plain.kind) {
    case 'float':
      return Math.fround(value as number)
    case 'list':
      return Array.from(value as unknown[], (element) => readOf(plain.element, element))
    case 'set':
      return new Set(Array.from(value as Set<unknown>, (element) => readOf(plain.element, element)))
    case 'map':
      return new Map(
        Array.from(value as Map<unknown, unknown>, ([key, each]) => [
          readOf(plain.key, key),
          readOf(plain.value, each),
        ]),
      )
    case 'struct':
    case 'union':
      return fieldsOf(plain.fields, value as object)
    case 'exception':
    case 'tuple':
      return plain.make(fieldsOf(plain.fields, value as object))
    default:
      return value
  }
}

function fieldsOf(fields: readonly FieldEntry[], value: object): Record<string, unknown> {
  const read: Record<string, unknown> = {}
  for (const { key, type, presence, fallback } of fields) {
    const part: unknown = Object.prototype.propertyIsEnumerable.call(value, key)
      ? Reflect.get(value, key)
      : undefined
    if (part !== undefined) read[key] = readOf(type, part)
    else if (presence === 'default') read[key] = fallback!()
  }
  return read
}

/**
 * Equal as values of a schema: -0 is not 0, NaN is NaN, prototypes and keys count; the order of keys, and of the elements of a
 * Set or Map, does not.
 */
export function sameTyped(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof Uint8Array && b instanceof Uint8Array)
    return a.length === b.length && a.every((byte, i) => byte === b[i])
  if (a instanceof Set && b instanceof Set) return sameBag([...a], [...b])
  if (a instanceof Map && b instanceof Map) return sameBag([...a], [...b])
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((element, i) => sameTyped(element, b[i]))
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameTyped(Reflect.get(a, key), Reflect.get(b, key)))
  )
}

function sameBag(some: readonly unknown[], others: readonly unknown[]): boolean {
  if (some.length !== others.length) return false
  // Most often they are in order; for the rest each is searched.
  const unlike = some.map((_, i) => i).filter((i) => !sameTyped(some[i], others[i]))
  const left = unlike.map((i) => others[i])
  return unlike.every((i) => {
    const at = left.findIndex((other) => sameTyped(some[i], other))
    if (at < 0) return false
    left.splice(at, 1)
    return true
  })
}
