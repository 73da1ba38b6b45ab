import { mismatch, Refusal } from '@hawser/codec-base'
import type { Count, Plan } from './plan.js'

/** A list is an array. */
export function listPlan(element: Plan): Plan {
  return {
    write(value, count) {
      if (!Array.isArray(value)) mismatch(value, 'list')
      return writeElements(element, value, value, count)
    },
    read(json) {
      if (!Array.isArray(json)) mismatch(json, 'list')
      return readElements(element, json)
    },
  }
}

/** A set is an array without an element twice. */
export function setPlan(element: Plan): Plan {
  return {
    write(value, count) {
      if (!(value instanceof Set)) mismatch(value, 'set')
      return writeElements(element, Array.from(value as Set<unknown>), value, count)
    },
    read(json) {
      if (!Array.isArray(json)) mismatch(json, 'set, which is an array')
      const set = new Set(readElements(element, json))
      if (set.size !== json.length) throw new Refusal('has an element twice')
      return set
    },
  }
}

function writeElements(element: Plan, values: readonly unknown[], owner: object, count: Count): string {
  count.enter()
  const { length } = values
  count.add(length)
  let text = '['
  let i = 0
  try {
    for (; i < length; i++) text += (i === 0 ? '' : ',') + element.write(values[i], count)
  } catch (thrown) {
    throw Refusal.under(thrown, owner, i)
  }
  count.leave()
  return `${text}]`
}

function readElements(element: Plan, json: readonly unknown[]): unknown[] {
  const values: unknown[] = []
  try {
    for (const each of json) values.push(element.read(each))
  } catch (thrown) {
    throw Refusal.inside(thrown, values.length)
  }
  return values
}
