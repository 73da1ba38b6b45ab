import { checkKey, checkName } from './names.js'
import type { EnumerationType } from './type.js'

const lowest = -(2 ** 31)
const highest = 2 ** 31 - 1

/**
 * Named numbers; values are the numbers: `Color.values.red`.
 * @param values from -2^31 to 2^31 - 1; a number may have several names, of which the first is the one written as text
 * @throws TypeError for a name or a number that is none
 */
export function enumeration<const V extends Readonly<Record<string, number>>>(
  name: string,
  values: V,
): EnumerationType<V[keyof V]> & { readonly values: V } {
  checkName(name, 'an enumeration')
  const names = new Map<number, string>()
  for (const [key, value] of Object.entries(values)) {
    checkKey(key, `a value of ${name}`)
    if (!Number.isInteger(value) || value < lowest || value > highest)
      throw new TypeError(`${name} cannot have the value ${value} for ${key}`)
    if (!names.has(value)) names.set(value, key)
  }
  if (names.size === 0) throw new TypeError(`${name} has no values`)
  return Object.freeze({ kind: 'enum', name, values: Object.freeze({ ...values }), names })
}
