import { checkTuple, mismatch, Refusal, tupleOf } from '@hawser/codec-base'
import type { AnyType, TupleType } from '@hawser/schema'
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

/** A tuple is an array, in which null stands for what is absent in the middle. */
export function tuplePlan(type: TupleType, of: (type: AnyType) => Plan): Plan {
  const plans = type.fields.map(({ type, presence }) => {
    return presence === 'required' ? of(type) : maybePlan(of(type))
  })
  return {
    write(value, count) {
      return writeElements(inTurn(plans), tupleOf(value, type, false), value as object, count)
    },
    read(json) {
      return tupleOf(readElements(inTurn(plans), checkTuple(json, type)), type, true)
    },
  }
}

function maybePlan(plan: Plan): Plan {
  return {
    write: (value, count) => (value === undefined ? 'null' : plan.write(value, count)),
    read: (json) => (json === null ? undefined : plan.read(json)),
  }
}

/** Each for the next value. */
function inTurn(plans: readonly Plan[]): Plan {
  let at = 0
  return {
    write: (value, count) => plans[at++]!.write(value, count),
    read: (json) => plans[at++]!.read(json),
  }
}

function writeElements(
  element: Pick<Plan, 'write'>,
  values: readonly unknown[],
  owner: object,
  count: Count,
): string {
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
