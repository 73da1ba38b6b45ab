import { checkInteger, integerRange, mismatch, Refusal } from '@hawser/codec-base'
import type { EnumerationType } from '@hawser/schema'
import type { Enums, Plan } from './plan.js'

const range = integerRange('enum')

/** A number of an enumeration is its first name, or the number where it has none, or is to be one; it is read of any. */
export function enumPlan({ name, names: known, values }: EnumerationType, as: Enums): Plan {
  const names: ReadonlyMap<number, string> = as === 'names' ? known : new Map()
  const numbers = new Map(Object.entries(values))
  const numberOf = (key: string): number => {
    const known = numbers.get(key)
    if (known !== undefined) return known
    throw new Refusal(`is none of the names of ${name}`)
  }
  return {
    write(value) {
      const number = checkInteger(value, range) + 0
      const known = names.get(number)
      return known === undefined ? String(number) : `"${known}"`
    },
    read(json) {
      if (typeof json === 'string') return numberOf(json)
      return typeof json === 'number' ? checkInteger(json, range) + 0 : mismatch(json, name)
    },
    key: {
      write(value) {
        const number = checkInteger(value, range) + 0
        return names.get(number) ?? String(number)
      },
      read: (key) => (/^(0|-?[1-9][0-9]{0,9})$/.test(key) ? checkInteger(Number(key), range) : numberOf(key)),
    },
  }
}
