import type { Node, ScalarOp } from './plan.js'
import type { Reader } from './reader.js'
import type { Wire } from './wire.js'
import type { Writer } from './writer.js'

/** Writes one value, checked, and returns where it ends. */
export type Put = (writer: Writer, value: unknown, at: number) => number

/** Reads one value from `reader.at` on, and leaves its end there. */
export type Take = (reader: Reader) => unknown

/** How the back end that is no code writes and reads one layout: what a {@link Dialect} says in code. */
export interface Format {
  readonly wire: Wire
  readonly rooms: Readonly<Record<ScalarOp, number | undefined>>
  readonly lengthRoom: number
  readonly fieldRoom: number
  readonly headRoom: number
  readonly put: Readonly<Record<ScalarOp, Put>>
  readonly take: Readonly<Record<ScalarOp, Take>>
  /** Is a field of the type all in its head? */
  inHead(op: Node['op']): boolean
  /** Writes the head of a field. @param last the id before it */
  putField(writer: Writer, node: Node, id: number, last: number, value: unknown, at: number): number
  putList(writer: Writer, element: Node, size: number, at: number): number
  putMap(writer: Writer, key: Node, value: Node, size: number, at: number): number
  /** Reads the head of a field: its id and type as one number, or `stop`. @param last the head before it */
  takeField(reader: Reader, last: number): number
  /** The heads that a field may have: one, or those of true and of false. */
  heads(node: Node, id: number): readonly number[]
  takeList(reader: Reader, element: Node): number
  takeMap(reader: Reader, key: Node, value: Node): number
  /** Skips the value of a field with an unknown head. */
  skip(reader: Reader, head: number, levels: number): void
}
