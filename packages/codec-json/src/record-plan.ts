import { isInherited, mismatch, ownPart, Refusal } from '@hawser/codec-base'
import type { AnyType, ExceptionType, FieldEntry, StructType, UnionType } from '@hawser/schema'
import { isObject } from './map-plan.js'
import type { Plan } from './plan.js'
import { quoted } from './quoted.js'

interface Part extends FieldEntry {
  readonly plan: Plan
  /** The name in quotes, and a colon. */
  readonly label: string
  readonly inherited: boolean
}

type Values = Record<string, unknown>

/** A struct, or an exception, is an object by the names of its fields. */
export function recordPlan(type: StructType | ExceptionType, of: (type: AnyType) => Plan): Plan {
  const parts = partsOf(type.fields, of)
  return {
    write(value, count) {
      const values = valuesOf(value, type.name)
      count.enter()
      let text = '{'
      let size = 0
      for (const part of parts) {
        try {
          const member = memberOf(values, part)
          if (member === undefined && part.presence !== 'required') continue
          text += (size++ === 0 ? '' : ',') + part.label + part.plan.write(member, count)
        } catch (thrown) {
          throw Refusal.under(thrown, values, part.key)
        }
      }
      count.add(size)
      count.leave()
      return `${text}}`
    },
    read(json) {
      if (!isObject(json)) mismatch(json, type.name)
      const record: Values = {}
      for (const { key, presence, fallback, plan } of parts) {
        const member = Object.hasOwn(json, key) ? json[key] : undefined
        if (presence === 'required') {
          if (member === undefined) throw new Refusal(`lacks ${key}, which is required`)
        } else if (member === undefined || member === null) {
          if (presence === 'default') record[key] = fallback!()
          continue
        }
        try {
          record[key] = plan.read(member)
        } catch (thrown) {
          throw Refusal.inside(thrown, key)
        }
      }
      return type.kind === 'exception' ? type.make(record) : record
    },
  }
}

/** A union is an object of one key, the name of its member. */
export function unionPlan(type: UnionType, of: (type: AnyType) => Plan): Plan {
  const parts = partsOf(type.fields, of)
  const byKey = new Map(parts.map((part) => [part.key, part]))
  return {
    write(value, count) {
      const values = valuesOf(value, type.name)
      const set = parts
        .map((part) => ({ part, member: memberOf(values, part) }))
        .filter(({ member }) => member !== undefined)
      if (set.length !== 1) throw new Refusal(`has ${set.length} members of ${type.name} instead of one`)
      const { part, member } = set[0]!
      count.enter()
      count.add(1)
      try {
        return `{${part.label}${part.plan.write(member, count)}}`
      } catch (thrown) {
        throw Refusal.under(thrown, values, part.key)
      } finally {
        count.leave()
      }
    },
    read(json) {
      if (!isObject(json)) mismatch(json, type.name)
      const keys = Object.keys(json)
      if (keys.length !== 1) throw new Refusal(`has ${keys.length} members of ${type.name} instead of one`)
      const part = byKey.get(keys[0]!)
      if (!part) throw new Refusal(`has a member that ${type.name} has not`)
      try {
        return { [part.key]: part.plan.read(json[part.key]) }
      } catch (thrown) {
        throw Refusal.inside(thrown, part.key)
      }
    },
  }
}

function partsOf(fields: readonly FieldEntry[], of: (type: AnyType) => Plan): readonly Part[] {
  return fields.map((entry) => {
    const { key, type } = entry
    return { ...entry, plan: of(type), label: `${quoted(key)}:`, inherited: isInherited(key) }
  })
}

function valuesOf(value: unknown, name: string): Values {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) mismatch(value, name)
  return value as Values
}

function memberOf(values: Values, { key, inherited }: Part): unknown {
  return inherited ? ownPart(values, key) : values[key]
}
