import { mismatch, Refusal, tupleOf } from '@hawser/codec-base'
import type { AnyType, TupleType } from '@hawser/schema'
import { type Elements, expected, readArray, writeAll, writeArray } from './elements.js'
import type { Plan } from './plan.js'

/** A list is an array. */
export function listPlan(element: Plan): Plan {
  return {
    write(value, out) {
      if (!Array.isArray(value)) mismatch(value, 'list')
      writeArray(value, value, element, out)
    },
    read: (from) => readArray('list', element, from),
  }
}

/** A set is an array without an element twice. */
export function setPlan(element: Plan): Plan {
  return {
    write(value, out) {
      if (!(value instanceof Set)) mismatch(value, 'set')
      writeArray(value, Array.from(value as Set<unknown>), element, out)
    },
    read(from) {
      const values = readArray('set', element, from)
      const set = new Set(values)
      if (set.size !== values.length) throw new Refusal('has an element twice')
      return set
    },
  }
}

/** A tuple is an array, in which nil stands for what is absent in the middle. */
export function tuplePlan(type: TupleType, of: (type: AnyType) => Plan): Plan {
  const plans = type.fields.map((field) => of(field.type))
  const elements: Elements = {
    write(element, out, place) {
      if (element === undefined) out.tokens.nil()
      else plans[place]!.write(element, out)
    },
    read(from, place) {
      // One too many is passed over here, and refused behind it.
      return from.nil() ? undefined : plans[place] ? plans[place].read(from) : from.pass()
    },
  }
  return {
    write: (value, out) => writeArray(value as object, tupleOf(value, type, false), elements, out),
    read: (from) => tupleOf(readArray('tuple', elements, from), type, true),
  }
}

/** A map is a map, whatever its keys are; those count as values. */
export function mapPlan(key: Plan, value: Plan): Plan {
  const entry: Pick<Plan, 'write'> = {
    write(parts, out) {
      const [each, part] = parts as [unknown, unknown]
      key.write(each, out)
      value.write(part, out)
    },
  }
  return {
    write(map, out) {
      if (!(map instanceof Map)) mismatch(map, 'map')
      const entries = Array.from(map as Map<unknown, unknown>)
      out.enter()
      out.count(2 * entries.length)
      out.tokens.map(entries.length)
      writeAll(map, entries, entry, out)
    },
    read(from) {
      const size = from.enterMap() ?? expected('map')
      from.countKeys(size)
      const map = new Map<unknown, unknown>()
      let i = 0
      try {
        for (; i < size; i++) {
          const each = key.read(from)
          map.set(each, value.read(from))
        }
      } catch (thrown) {
        throw Refusal.inside(thrown, i)
      }
      from.leave()
      if (map.size !== size) throw new Refusal('has a key twice')
      return map
    },
  }
}
