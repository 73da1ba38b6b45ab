import { isInherited, mismatch, ownPart, Refusal } from '@hawser/codec-base'
import type { AnyType, ExceptionType, FieldEntry, StructType, UnionType } from '@hawser/schema'
import { expected } from './elements.js'
import type { Keys, Plan } from './plan.js'
import type { TypedWriter } from './typed-writer.js'

interface Part extends FieldEntry {
  readonly plan: Plan
  /** Among its siblings. */
  readonly place: number
  readonly inherited: boolean
}

type Values = Record<string, unknown>

/**
 * A struct, or an exception, is a map by the ids or the names of its fields; it is read of either. A union is a struct of
 * optional fields, of which there is one.
 */
export function recordPlan(
  type: StructType | ExceptionType | UnionType,
  of: (type: AnyType) => Plan,
  keys: Keys,
): Plan {
  const parts = partsOf(type.fields, of)
  const known = byKey(parts)
  const most = parts.length
  const onlyOne = (members: number): void => {
    if (type.kind === 'union' && members !== 1)
      throw new Refusal(`has ${members} members of ${type.name} instead of one`)
  }
  return {
    write(value, out) {
      const values = valuesOf(value, type.name)
      out.enter()
      const begun = out.tokens.beginMap(most)
      let size = 0
      for (const part of parts)
        try {
          const member = memberOf(values, part)
          if (member === undefined && part.presence !== 'required') continue
          size++
          writeKey(part, keys, out)
          part.plan.write(member, out)
        } catch (thrown) {
          throw Refusal.under(thrown, values, part.key)
        }
      onlyOne(size)
      out.count(size)
      out.tokens.endMap(begun, most, size)
      out.leave()
    },
    read(from) {
      const size = from.enterMap() ?? expected(type.name)
      onlyOne(size)
      const record: Values = {}
      let next = 0
      let found = 0
      for (let i = 0; i < size; i++) {
        const key = from.key()
        // Most often they come in order.
        let part = parts[next]
        if (part?.id !== key) part = known.get(key)
        if (part === undefined) {
          from.pass()
        } else if (part.presence === 'required' || !from.nil()) {
          if (part.place < next && Object.hasOwn(record, part.key)) throw new Refusal(`has ${part.key} twice`)
          try {
            record[part.key] = part.plan.read(from)
          } catch (thrown) {
            throw Refusal.inside(thrown, part.key)
          }
          found++
          if (part.place >= next) next = part.place + 1
        }
      }
      from.leave()
      onlyOne(found)
      if (found < most) complete(record, parts)
      return type.kind === 'exception' ? type.make(record) : record
    },
  }
}

function partsOf(fields: readonly FieldEntry[], of: (type: AnyType) => Plan): readonly Part[] {
  return fields.map((entry, place) => {
    return { ...entry, plan: of(entry.type), place, inherited: isInherited(entry.key) }
  })
}

function byKey(parts: readonly Part[]): ReadonlyMap<number | string, Part> {
  const known = new Map<number | string, Part>()
  for (const part of parts) known.set(part.id, part).set(part.key, part)
  return known
}

function valuesOf(value: unknown, name: string): Values {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) mismatch(value, name)
  return value as Values
}

function memberOf(values: Values, { key, inherited }: Part): unknown {
  return inherited ? ownPart(values, key) : values[key]
}

function writeKey({ id, key }: Part, keys: Keys, out: TypedWriter): void {
  if (keys === 'ids') out.tokens.integer(id)
  else out.tokens.text(key)
}

/** Fills in what is not there. Throws Refusal for what has to be. */
function complete(record: Values, parts: readonly Part[]): void {
  for (const { key, presence, fallback } of parts) {
    if (presence === 'optional' || Object.hasOwn(record, key)) continue
    if (presence === 'required') throw new Refusal(`lacks ${key}, which is required`)
    record[key] = fallback!()
  }
}
