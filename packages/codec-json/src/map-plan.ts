import { mismatch, Refusal } from '@hawser/codec-base'
import type { KeyPlan, Plan } from './plan.js'
import { quoted } from './quoted.js'

/** A map is an object where its keys can be keys of one, and else an array of pairs. */
export function mapPlan(key: Plan, value: Plan): Plan {
  return key.key ? objectPlan(key.key, value) : pairsPlan(key, value)
}

function objectPlan(key: KeyPlan, value: Plan): Plan {
  return {
    write(map, count) {
      const entries = entriesOf(map)
      count.enter()
      count.add(entries.length)
      let text = '{'
      let i = 0
      try {
        for (; i < entries.length; i++) {
          const [each, part] = entries[i]!
          text += `${i === 0 ? '' : ','}${quoted(key.write(each))}:${value.write(part, count)}`
        }
      } catch (thrown) {
        throw Refusal.under(thrown, map as object, i)
      }
      count.leave()
      return `${text}}`
    },
    read(json) {
      if (!isObject(json)) mismatch(json, 'map, which is an object')
      const keys = Object.keys(json)
      const map = new Map<unknown, unknown>()
      let i = 0
      try {
        for (; i < keys.length; i++) map.set(key.read(keys[i]!), value.read(json[keys[i]!]))
      } catch (thrown) {
        throw Refusal.inside(thrown, i)
      }
      if (map.size !== keys.length) throw new Refusal('has a key twice')
      return map
    },
  }
}

function pairsPlan(key: Plan, value: Plan): Plan {
  return {
    write(map, count) {
      const entries = entriesOf(map)
      count.enter()
      count.add(3 * entries.length)
      let text = '['
      let i = 0
      try {
        for (; i < entries.length; i++) {
          const [each, part] = entries[i]!
          count.enter()
          text += `${i === 0 ? '' : ','}[${key.write(each, count)},${value.write(part, count)}]`
          count.leave()
        }
      } catch (thrown) {
        throw Refusal.under(thrown, map as object, i)
      }
      count.leave()
      return `${text}]`
    },
    read(json) {
      if (!Array.isArray(json)) mismatch(json, 'map, which is an array of pairs')
      const map = new Map<unknown, unknown>()
      let i = 0
      try {
        for (; i < json.length; i++) {
          const pair: unknown = json[i]
          if (!Array.isArray(pair) || pair.length !== 2) mismatch(pair, 'a pair of key and value')
          map.set(key.read(pair[0]), value.read(pair[1]))
        }
      } catch (thrown) {
        throw Refusal.inside(thrown, i)
      }
      if (map.size !== json.length) throw new Refusal('has a key twice')
      return map
    },
  }
}

function entriesOf(map: unknown): [unknown, unknown][] {
  if (!(map instanceof Map)) mismatch(map, 'map')
  return Array.from(map as Map<unknown, unknown>)
}

/** Is it what JSON.parse makes of an object? */
export function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}
