import type { Format } from './format.js'
import { binaryFormat } from './format-binary.js'
import { compactFormat } from './format-compact.js'
import { interpretedList, interpretedMap } from './interpret-containers.js'
import { interpretedRecord } from './interpret-record.js'
import { hasParts, isRecord, type Node, type PartNode, type Plan } from './plan.js'
import type { Reader } from './reader.js'
import type { LayoutName } from './wire.js'
import { type BackEnd, measureBytes, measureText, type Writer } from './writer.js'

/** The same three functions as of a back end, of a value somewhere inside, with how many levels there may still be. */
export interface Interpreted {
  measure(writer: Writer, value: unknown, levels: number): number
  write(writer: Writer, value: unknown, at: number, levels: number): number
  read(reader: Reader, levels: number): unknown
}

/** Is it put on the tape? Whatever does not always take the same room is. */
export function isTaped({ rooms }: Format, node: Node): boolean {
  return hasParts(node) || rooms[node.op] === undefined
}

/** Finds the functions of a node: those of parts are made once, and may be asked for before they are. */
export type Find = (node: Node) => Interpreted

/** The first root's back end without any code made: functions made of functions, for places that forbid more. */
export function interpret(plan: Plan, layout: LayoutName, keep: boolean): BackEnd {
  const format = layout === 'binary' ? binaryFormat : compactFormat
  const parts: Interpreted[] = []
  const find: Find = (node) => (hasParts(node) ? later(parts, node) : scalar(format, node))
  for (const part of plan.parts) parts.push(interpretedPart(plan, format, part, find, keep))
  const root = find(plan.roots[0]!)
  return {
    measure: (writer, value) => root.measure(writer, value, writer.depth + 1),
    write: (writer, value, at) => root.write(writer, value, at, writer.depth + 1),
    read(reader) {
      reader.at = 0
      return root.read(reader, reader.depth + 1)
    },
  }
}

function interpretedPart(plan: Plan, format: Format, part: PartNode, find: Find, keep: boolean): Interpreted {
  if (isRecord(part)) return interpretedRecord(plan, format, part, find, keep)
  return part.op === 'map' ? interpretedMap(format, part, find) : interpretedList(format, part, find)
}

// A part may hold itself, so it is looked up when it is used.
function later(parts: readonly Interpreted[], { index }: PartNode): Interpreted {
  return {
    measure: (writer, value, levels) => parts[index]!.measure(writer, value, levels - 1),
    write: (writer, value, at, levels) => parts[index]!.write(writer, value, at, levels - 1),
    read: (reader, levels) => parts[index]!.read(reader, levels - 1),
  }
}

function scalar({ rooms, lengthRoom, put, take }: Format, { op }: Exclude<Node, PartNode>): Interpreted {
  const room = rooms[op]
  const measure =
    room !== undefined
      ? () => room
      : op === 'string'
        ? (_: Writer, value: unknown) => lengthRoom + measureText(value)
        : (_: Writer, value: unknown) => lengthRoom + measureBytes(value)
  return { measure, write: put[op], read: take[op] }
}
