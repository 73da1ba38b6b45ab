const dotted = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/
const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/
// An own property of these names is taken for something else by too much code.
const dangerous: readonly string[] = ['__proto__', 'constructor', 'prototype']

/** `package.Name`: what .proto, .thrift and .tars can all express. */
export function checkName(name: string, what: string): void {
  if (typeof name !== 'string' || !dotted.test(name))
    throw new TypeError(`${JSON.stringify(name)} cannot be the name of ${what}`)
}

/** A single identifier. */
export function checkIdentifier(name: string, what: string): void {
  if (typeof name !== 'string' || !identifier.test(name))
    throw new TypeError(`${JSON.stringify(name)} cannot be the name of ${what}`)
}

/** An identifier that becomes a property of values. */
export function checkKey(name: string, what: string): void {
  checkIdentifier(name, what)
  if (dangerous.includes(name)) throw new TypeError(`${JSON.stringify(name)} cannot be the name of ${what}`)
}

/** The last level of a dotted name. */
export function lastLevel(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}
