/** True for a Uint8Array (a Buffer is one), also one of another realm. */
export function isBytes(value: object): value is Uint8Array {
  // The getter that typed arrays inherit tells them apart, whatever a value says of itself.
  return (
    value instanceof Uint8Array ||
    Reflect.get(Uint8Array.prototype, Symbol.toStringTag, value) === 'Uint8Array'
  )
}

/** True for `{}` and for objects without a prototype; `prototype` is the object's. */
export function isPlain(prototype: object | null): boolean {
  if (prototype === null || prototype === Object.prototype) return true
  // Another realm's Object.prototype: it has no prototype, and is no class's either.
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf')
}

/** True for the keys by which a careless receiver's prototypes can be changed. */
export function isDangerous(key: string, value: unknown): boolean {
  if (key === '__proto__') return true
  return (
    key === 'constructor' && typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype')
  )
}

/** What a value that cannot travel is, for people. */
export function describe(value: unknown): string {
  if (value === undefined) return 'undefined inside an array'
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`
  const prototype: unknown = Object.getPrototypeOf(value)
  const maker: unknown = (prototype as { constructor?: unknown } | null)?.constructor
  return typeof maker === 'function' && maker.name !== ''
    ? `an instance of ${maker.name.slice(0, 64)}`
    : 'no plain object'
}
