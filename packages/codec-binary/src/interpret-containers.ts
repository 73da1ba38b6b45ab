import { Refusal } from '@hawser/codec-base'
import type { Format } from './format.js'
import { type Find, type Interpreted, isTaped } from './interpret.js'
import type { ListNode, MapNode } from './plan.js'
import { changed, distinctFloats, entryKey, heldTooMuch, nestedTooDeep, wrong } from './put.js'
import { type Reader, repeated, tooDeep, tooMany } from './reader.js'
import { counted, enter, type Writer } from './writer.js'

/** Counts values that are about to be written. */
export function spend(writer: Writer, values: number): void {
  writer.nodes -= values
  if (writer.nodes < 0) heldTooMuch()
}

/** Counts values that are about to be read. */
export function count(reader: Reader, values: number): void {
  reader.nodes -= values
  if (reader.nodes < 0) tooMany()
}

/** A list or a set. */
export function interpretedList(format: Format, { op, element }: ListNode, find: Find): Interpreted {
  const inner = find(element)
  const taped = isTaped(format, element)
  const list = op === 'list'
  const sizeOf = (value: unknown): number => {
    if (list) return Array.isArray(value) ? value.length : -1
    return value instanceof Set ? value.size : -1
  }
  return {
    measure(writer, value, levels) {
      const size = sizeOf(value)
      if (size < 0 || !enter(writer, levels, size)) return 0
      if (!taped) return format.headRoom + size * inner.measure(writer, undefined, levels)
      writer.tape[writer.top++] = size
      let room = format.headRoom
      let i = 0
      try {
        const step = (each: unknown): void => {
          writer.tape[writer.top++] = each
          room += inner.measure(writer, each, levels)
        }
        if (list) for (; i < size; i++) step((value as unknown[])[i])
        else
          for (const each of value as Set<unknown>) {
            step(each)
            i++
          }
      } catch (thrown) {
        throw Refusal.under(thrown, value as object, i)
      }
      return room
    },
    write(writer, value, start, levels) {
      if (sizeOf(value) < 0) wrong(value, list ? 'an array' : 'a Set')
      if (levels <= 0) nestedTooDeep(writer)
      spend(writer, sizeOf(value))
      const size = taped ? counted(writer) : sizeOf(value)
      if (!list && element.op === 'float') distinctFloats(value as Set<unknown>)
      let at = format.putList(writer, element, size, start)
      let i = 0
      try {
        if (taped) for (; i < size; i++) at = inner.write(writer, writer.tape[writer.next++], at, levels)
        else if (list) for (; i < size; i++) at = inner.write(writer, (value as unknown[])[i], at, levels)
        else
          for (const each of value as Set<unknown>) {
            at = inner.write(writer, each, at, levels)
            i++
          }
        if (i !== size) changed()
      } catch (thrown) {
        throw Refusal.under(thrown, value as object, i)
      }
      return at
    },
    read(reader, levels) {
      if (levels <= 0) tooDeep(reader.depth)
      const size = format.takeList(reader, element)
      count(reader, size)
      if (list) {
        const values: unknown[] = []
        for (let i = 0; i < size; i++) values.push(inner.read(reader, levels))
        return values
      }
      const values = new Set<unknown>()
      for (let i = 0; i < size; i++) values.add(inner.read(reader, levels))
      if (values.size !== size) repeated('set')
      return values
    },
  }
}

/** A map. */
export function interpretedMap(format: Format, { key, value }: MapNode, find: Find): Interpreted {
  const keys = find(key)
  const values = find(value)
  const taped = isTaped(format, key) || isTaped(format, value)
  return {
    measure(writer, map, levels) {
      if (!(map instanceof Map) || !enter(writer, levels, 2 * map.size)) return 0
      const measured = (each: unknown, of: unknown): number =>
        keys.measure(writer, each, levels) + values.measure(writer, of, levels)
      if (!taped) return format.headRoom + map.size * measured(undefined, undefined)
      writer.tape[writer.top++] = map.size
      let room = format.headRoom
      let i = 0
      let last: unknown
      try {
        for (const [each, of] of map) {
          last = each
          writer.tape[writer.top++] = each
          writer.tape[writer.top++] = of
          room += measured(each, of)
          i++
        }
      } catch (thrown) {
        throw Refusal.under(thrown, map, entryKey(last, i))
      }
      return room
    },
    write(writer, map, start, levels) {
      if (!(map instanceof Map)) wrong(map, 'a Map')
      if (levels <= 0) nestedTooDeep(writer)
      spend(writer, 2 * map.size)
      const size = taped ? counted(writer) : map.size
      if (key.op === 'float') distinctFloats(map)
      let at = format.putMap(writer, key, value, size, start)
      let i = 0
      let last: unknown
      const step = (each: unknown, of: unknown): void => {
        last = each
        at = keys.write(writer, each, at, levels)
        at = values.write(writer, of, at, levels)
        i++
      }
      try {
        if (taped) while (i < size) step(writer.tape[writer.next++], writer.tape[writer.next++])
        else for (const [each, of] of map) step(each, of)
        if (i !== size) changed()
      } catch (thrown) {
        throw Refusal.under(thrown, map, entryKey(last, i))
      }
      return at
    },
    read(reader, levels) {
      if (levels <= 0) tooDeep(reader.depth)
      const size = format.takeMap(reader, key, value)
      count(reader, 2 * size)
      const map = new Map<unknown, unknown>()
      for (let i = 0; i < size; i++) {
        const each = keys.read(reader, levels)
        map.set(each, values.read(reader, levels))
      }
      if (map.size !== size) repeated('map')
      return map
    },
  }
}
