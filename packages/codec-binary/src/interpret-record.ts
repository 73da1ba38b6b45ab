import { checkTuple, Refusal } from '@hawser/codec-base'
import { certainFields, isInherited, recordKind } from './emit-write.js'
import type { Format } from './format.js'
import { type Find, type Interpreted, isTaped } from './interpret.js'
import { count, spend } from './interpret-containers.js'
import type { FieldNode, Plan, RecordNode } from './plan.js'
import { nestedTooDeep, notOneMember, own, wrong } from './put.js'
import { missing, notOne, type Reader, tooDeep, tooMany, twice } from './reader.js'
import { stop } from './take.js'
import { measureUnknown, putUnknown, type UnknownField, unknownField, withUnknown } from './unknown-fields.js'
import { enter, type Writer } from './writer.js'

/** A struct, a union, an exception or a tuple. */
export function interpretedRecord(
  plan: Plan,
  format: Format,
  record: RecordNode,
  find: Find,
  keepAny: boolean,
): Interpreted {
  const { fields, op, name, maker } = record
  const union = op === 'union'
  // A union has one field and no others.
  const keep = keepAny && !union
  const compact = format.wire.layout === 'compact'
  const inner = fields.map(({ node }) => find(node))
  const taped = fields.map(({ node }) => isTaped(format, node))
  const certain = certainFields(record)
  const places = new Map(fields.flatMap(({ node, id }, i) => format.heads(node, id).map((head) => [head, i])))
  // Those first that are always there, so that most objects have one hidden class.
  const order = fields
    .map((field, place) => ({ field, place }))
    .sort((a, b) => rank(a.field) - rank(b.field) || a.place - b.place)
  const refusesArrays = op !== 'tuple' && fields.every(({ presence }) => presence !== 'required')

  function measure(writer: Writer, value: unknown, levels: number): number {
    if (typeof value !== 'object' || value === null || !enter(writer, levels, certain)) return 0
    let room = keep ? 1 + measureUnknown(value) : 1
    let place = 0
    try {
      for (; place < fields.length; place++) {
        const { key, presence } = fields[place]!
        room += format.fieldRoom
        let part: unknown
        if (taped[place]) {
          part = get(value, key)
          writer.tape[writer.top++] = part
          if (part === undefined) continue
          if (presence === 'optional') writer.visits--
        }
        room += inner[place]!.measure(writer, part, levels)
      }
    } catch (thrown) {
      throw Refusal.under(thrown, value, fields[place]!.key)
    }
    return room
  }

  function write(writer: Writer, value: unknown, start: number, levels: number): number {
    if (op === 'tuple') checkTuple(value, record)
    if (typeof value !== 'object' || value === null || (refusesArrays && Array.isArray(value)))
      wrong(value, recordKind(record))
    if (levels <= 0) nestedTooDeep(writer)
    spend(writer, certain)
    let at = start
    let last = 0
    let members = 0
    let place = 0
    try {
      for (; place < fields.length; place++) {
        const { key, id, node, presence } = fields[place]!
        const part = taped[place] ? writer.tape[writer.next++] : get(value, key)
        if (part === undefined && presence !== 'required') continue
        if (presence === 'optional') spend(writer, 1)
        at = format.putField(writer, node, id, last, part, at)
        if (!format.inHead(node.op)) at = inner[place]!.write(writer, part, at, levels)
        last = id
        members++
      }
    } catch (thrown) {
      throw Refusal.under(thrown, value, fields[place]!.key)
    }
    if (keep) at = putUnknown(writer, value, at, compact)
    writer.bytes[at++] = 0
    if (union && members !== 1) notOneMember(name, members)
    return at
  }

  function read(reader: Reader, levels: number): unknown {
    if (levels <= 0) tooDeep(reader.depth)
    count(reader, certain)
    const values: unknown[] = new Array(fields.length).fill(undefined)
    let unknown: UnknownField[] | undefined
    let head = 0
    for (;;) {
      head = format.takeField(reader, head)
      if (head === stop) break
      const place = places.get(head)
      if (place === undefined) {
        const start = reader.at
        format.skip(reader, head, levels - 1)
        if (keep) {
          const id = compact ? head >> 4 : (head << 16) >> 16
          unknown ??= []
          unknown.push(unknownField(reader, id, compact ? head & 15 : head >> 16, start, reader.at))
        }
        continue
      }
      const { key, node } = fields[place]!
      if (values[place] !== undefined) twice(name, key)
      values[place] = format.inHead(node.op) ? (head & 15) === 1 : inner[place]!.read(reader, levels)
    }
    if (union) return onlyMember(reader, values)
    fields.forEach(({ key, presence }, i) => {
      if (presence === 'required' && values[i] === undefined) missing(name, key)
    })
    const object: Record<string, unknown> = {}
    for (const { field, place } of order) {
      const value = values[place]
      if (value !== undefined) object[field.key] = value
      else if (field.presence === 'default') object[field.key] = plan.fallbacks[field.fallback]!()
      if (value !== undefined && field.presence === 'optional') reader.nodes--
    }
    if (reader.nodes < 0) tooMany()
    return withUnknown(maker < 0 ? object : plan.makers[maker]!(object), unknown)
  }

  function onlyMember(reader: Reader, values: readonly unknown[]): unknown {
    const found = values.filter((value) => value !== undefined).length
    if (found !== 1) notOne(name, found)
    count(reader, 1)
    const place = values.findIndex((value) => value !== undefined)
    return { [fields[place]!.key]: values[place] }
  }

  return { measure, write, read }
}

function get(value: object, key: string): unknown {
  return isInherited(key) ? own(value, key) : Reflect.get(value, key)
}

function rank({ presence }: FieldNode): number {
  return presence === 'optional' ? 1 : 0
}
