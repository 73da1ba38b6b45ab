import { mismatch, Refusal } from '@hawser/codec-base'
import { expected, type Plan } from './plan.js'

/** A list is an array. */
export function listPlan(element: Plan): Plan {
  return {
    write(value, out) {
      if (!Array.isArray(value)) mismatch(value, 'list')
      out.enter()
      const { length } = value
      out.count(length)
      out.tokens.array(length)
      let i = 0
      try {
        for (; i < length; i++) element.write(value[i], out)
      } catch (thrown) {
        throw Refusal.under(thrown, value, i)
      }
      out.leave()
    },
    read(from) {
      const length = from.enterArray() ?? expected('list')
      const values: unknown[] = []
      try {
        while (values.length < length) values.push(element.read(from))
      } catch (thrown) {
        throw Refusal.inside(thrown, values.length)
      }
      from.leave()
      return values
    },
  }
}

/** A set is an array without an element twice. */
export function setPlan(element: Plan): Plan {
  return {
    write(value, out) {
      if (!(value instanceof Set)) mismatch(value, 'set')
      out.enter()
      const elements = Array.from(value as Set<unknown>)
      out.count(elements.length)
      out.tokens.array(elements.length)
      let i = 0
      try {
        for (; i < elements.length; i++) element.write(elements[i], out)
      } catch (thrown) {
        throw Refusal.under(thrown, value, i)
      }
      out.leave()
    },
    read(from) {
      const length = from.enterArray() ?? expected('set')
      const values = new Set<unknown>()
      let i = 0
      try {
        for (; i < length; i++) values.add(element.read(from))
      } catch (thrown) {
        throw Refusal.inside(thrown, i)
      }
      from.leave()
      if (values.size !== length) throw new Refusal('has an element twice')
      return values
    },
  }
}

/** A map is a map, whatever its keys are; those count as values. */
export function mapPlan(key: Plan, value: Plan): Plan {
  return {
    write(map, out) {
      if (!(map instanceof Map)) mismatch(map, 'map')
      out.enter()
      const entries = Array.from(map as Map<unknown, unknown>)
      out.count(2 * entries.length)
      out.tokens.map(entries.length)
      let i = 0
      try {
        for (; i < entries.length; i++) {
          const [each, part] = entries[i]!
          key.write(each, out)
          value.write(part, out)
        }
      } catch (thrown) {
        throw Refusal.under(thrown, map, i)
      }
      out.leave()
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
