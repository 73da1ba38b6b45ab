import { mismatch, Refusal } from '@hawser/codec-base'
import { expected, type Plan } from './plan.js'
import type { TokenReader } from './token-reader.js'
import type { TypedWriter } from './typed-writer.js'

/** A list is an array. */
export function listPlan(element: Plan): Plan {
  return {
    write(value, out) {
      if (!Array.isArray(value)) mismatch(value, 'list')
      writeArray(value, value, element, out)
    },
    read: (from) => readAll('list', element, from),
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
      const values = readAll('set', element, from)
      const set = new Set(values)
      if (set.size !== values.length) throw new Refusal('has an element twice')
      return set
    },
  }
}

function writeArray(container: object, values: readonly unknown[], element: Plan, out: TypedWriter): void {
  out.enter()
  out.count(values.length)
  out.tokens.array(values.length)
  writeAll(container, values, element, out)
}

/** Writes the parts of a container that was entered, and leaves it. */
function writeAll(
  container: object,
  parts: readonly unknown[],
  plan: Pick<Plan, 'write'>,
  out: TypedWriter,
): void {
  const { length } = parts
  let i = 0
  try {
    for (; i < length; i++) plan.write(parts[i], out)
  } catch (thrown) {
    throw Refusal.under(thrown, container, i)
  }
  out.leave()
}

function readAll(kind: string, element: Plan, from: TokenReader): unknown[] {
  const length = from.enterArray() ?? expected(kind)
  const values: unknown[] = []
  try {
    while (values.length < length) values.push(element.read(from))
  } catch (thrown) {
    throw Refusal.inside(thrown, values.length)
  }
  from.leave()
  return values
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
