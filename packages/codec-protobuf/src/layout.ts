import { ownPart } from '@hawser/codec-base'
import type { ExceptionType, TupleType } from '@hawser/schema'

/** How a value without parts is laid out; `int` stands for int32 and the smaller integers, `long` for int64. */
export type ScalarKind =
  | 'int'
  | 'sint'
  | 'sfixed'
  | 'uint'
  | 'fixed'
  | 'long'
  | 'slong'
  | 'sfixed64'
  | 'ulong'
  | 'fixed64'
  | 'float'
  | 'double'
  | 'bool'
  | 'string'
  | 'uuid'
  | 'bytes'

/** What follows a tag: a varint, 8 bytes, a length and so many bytes, the fields of a group up to its end, 4 bytes. */
export const wire = { varint: 0, fixed64: 1, bytes: 2, group: 3, groupEnd: 4, fixed32: 5 } as const

/** One value at its place. */
export interface Cell {
  readonly kind: ScalarKind | 'message'
  /** What follows the tag. */
  readonly wire: number
  /** The range of an integer. */
  readonly low: number
  readonly high: number
  /** Is an integer of 64 bits a number rather than a bigint? */
  readonly safe: boolean
  /** The numbers of a closed enumeration: others count as unknown fields. */
  readonly numbers: { has(value: number): boolean } | undefined
  /** What a message holds. */
  readonly message: MessageLayout | undefined
  /** What stands for a scalar that is not there; undefined where nothing can. */
  readonly zero: unknown
}

/** How a field's values are gathered. */
export type Shape = 'single' | 'list' | 'set' | 'map'

/** A field of a message. */
export interface FieldLayout {
  readonly key: string
  /** Is it called as something that objects have by themselves? */
  readonly inherited: boolean
  readonly shape: Shape
  /** The value, the element, or the value of an entry. */
  readonly cell: Cell
  /** The key of an entry. */
  readonly entryKey: Cell | undefined
  /** As it is written. */
  readonly tag: number
  readonly packed: boolean
  /** Must a value have it, to be written? */
  readonly needed: boolean
  /** Must a message have it, to be read? An empty list is written as nothing. */
  readonly required: boolean
  /** Is it left out where its value is the fallback? */
  readonly omits: boolean
  /** What is read where nothing is. */
  readonly fallback: unknown
  /** The same for what has parts, made anew for each reader. */
  readonly make: (() => unknown) | undefined
  /** Its bit among those that make a message complete; 0 where its absence needs no care. */
  readonly bit: number
  /** The other members of its oneof. */
  readonly rivals: readonly string[]
}

/** What an object has for the field; undefined where that is nothing. */
export function partOf(object: object, { key, inherited }: FieldLayout): unknown {
  return inherited ? ownPart(object, key) : (object as Record<string, unknown>)[key]
}

/** What a tag means to a reader. */
export interface Entry {
  readonly field: FieldLayout
  /** Are these the elements of a list, packed? */
  readonly packed: boolean
}

// Tags below this index an array, which covers the fields up to 255.
const direct = 2048

/**
 * What a message holds. A helper message stands for the one value in it, and does not count as a level of depth. Made before
 * its fields are known, because types may hold themselves.
 */
export class MessageLayout {
  /** For people. */
  readonly name: string
  readonly kind: 'message' | 'union' | 'helper'
  fields: readonly FieldLayout[] = []
  /** Of each of these at most one may be set. */
  oneofs: readonly (readonly string[])[] = []
  /** What becomes of the object, where that is not the value. */
  made: Pick<ExceptionType | TupleType, 'kind' | 'make'> | undefined
  /** The bits of all its fields; -1 where those are more than fit, so that each message is looked at. */
  bits = 0
  /** How many bytes its length took the last time. */
  lengthBytes = 1
  #blank: object = {}
  readonly #direct: (Entry | undefined)[] = []
  readonly #others = new Map<number, Entry>()

  constructor(name: string, kind: MessageLayout['kind']) {
    this.name = name
    this.kind = kind
  }

  /** Once, with what each tag means. */
  fill(fields: readonly FieldLayout[], entries: readonly (readonly [tag: number, entry: Entry])[]): void {
    this.fields = fields
    const highest = Math.max(0, ...entries.map(([tag]) => tag).filter((tag) => tag < direct))
    for (let tag = 0; tag <= highest; tag++) this.#direct.push(undefined)
    for (const [tag, entry] of entries) {
      if (tag < direct) this.#direct[tag] = entry
      else this.#others.set(tag, entry)
    }
    for (const { bit } of fields) this.bits |= bit
    if (this.kind !== 'message') return
    if (fields.some(({ required, make, bit }) => (required || make) && bit === 0)) this.bits = -1
    const always = fields.filter(({ required, omits, make }) => required || omits || make)
    // Parsed, because the engine then makes it with room for all its properties.
    const blank = JSON.parse(`{${always.map(({ key }) => `${JSON.stringify(key)}:0`)}}`) as object
    for (const { key, fallback, make } of always) Reflect.set(blank, key, make ? undefined : fallback)
    this.#blank = blank
  }

  /** A message of which nothing was read, with its defaults in place. */
  blank(): Record<string, unknown> {
    return { ...this.#blank }
  }

  /** What a tag means; undefined for one that is unknown. */
  entry(tag: number): Entry | undefined {
    return tag < this.#direct.length ? this.#direct[tag] : this.#others.get(tag)
  }

  /** What tags mean. */
  tags(): readonly (readonly [tag: number, entry: Entry])[] {
    const some = this.#direct.flatMap((entry, tag) => (entry ? [[tag, entry] as const] : []))
    return [...some, ...this.#others]
  }
}
