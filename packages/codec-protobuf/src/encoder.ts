import { checkTuple, Refusal } from '@hawser/codec-base'
import type { Compiler } from './compiler.js'
import { type Cell, type FieldLayout, type MessageLayout, partOf, wire } from './layout.js'
import { unfit, Writer } from './writer.js'

type Fields = Readonly<Record<string, unknown>>

/** Writes messages by their layouts. */
export class Encoder {
  readonly #writer = new Writer()
  readonly #compiler: Compiler | undefined
  readonly #limits: { readonly nodes: number; readonly depth: number }
  #left = 0

  constructor(limits: { readonly nodes: number; readonly depth: number }, compiler: Compiler | undefined) {
    this.#limits = limits
    this.#compiler = compiler
  }

  /** Throws {@link Refusal}, and whatever the value's own code throws. */
  encode(layout: MessageLayout, value: unknown, headroom: number): Uint8Array {
    this.#left = this.#limits.nodes
    this.count()
    this.#writer.open(headroom, 64)
    if (layout.kind === 'helper') this.field(layout.fields[0]!, value, 0, false)
    else this.#message(layout, value, 1)
    return this.#writer.close()
  }

  /** Counts a value. */
  count(): void {
    if (--this.#left < 0) throw new Refusal(`makes more than ${this.#limits.nodes} values`, 'too_deep')
  }

  #enter(depth: number): void {
    if (depth > this.#limits.depth) throw new Refusal(`nests deeper than ${this.#limits.depth}`, 'too_deep')
  }

  #message(layout: MessageLayout, value: unknown, depth: number): void {
    if (layout.made?.kind === 'tuple') checkTuple(value, layout)
    if (typeof value !== 'object' || value === null) throw unfit(value, 'an object')
    this.#enter(depth)
    const write = this.#compiler?.writing(layout)
    if (write) {
      write(this.#writer, this, value, depth)
      for (const keys of layout.oneofs) onlyOne(keys, value as Fields)
      return
    }
    const { fields } = layout
    let members = 0
    let at = 0
    try {
      for (; at < fields.length; at++) {
        const field = fields[at]!
        const part = partOf(value, field)
        if (part !== undefined) {
          members++
          this.field(field, part, depth, true)
        } else if (field.needed) throw missing()
      }
    } catch (thrown) {
      throw Refusal.under(thrown, value, fields[at]!.key)
    }
    if (layout.kind === 'union' && members !== 1)
      throw new Refusal(`has ${members} members of ${layout.name}, and should have one`)
    for (const keys of layout.oneofs) onlyOne(keys, value as Fields)
  }

  /** A field that is there. */
  field(field: FieldLayout, value: unknown, depth: number, counts: boolean): void {
    const { cell, shape, tag } = field
    if (shape === 'single') {
      if (field.omits && isFallback(value, field.fallback)) return
      if (counts) this.count()
      this.#writer.tag(tag)
      this.#value(cell, value, depth)
      if (cell.wire === wire.group) this.#writer.tag(tag + 1)
      return
    }
    this.#enter(depth + 1)
    if (shape === 'list') {
      if (!Array.isArray(value)) throw unfit(value, 'an array')
      if (counts) this.#countContainer(value.length)
      this.#list(field, value, depth + 1)
    } else if (shape === 'set') {
      if (!isA(value, 'Set')) throw unfit(value, 'a Set')
      const elements = [...(value as ReadonlySet<unknown>)]
      if (counts) this.#countContainer(elements.length)
      this.#list(field, elements, depth + 1)
    } else {
      if (!isA(value, 'Map')) throw unfit(value, 'a Map')
      const map = value as ReadonlyMap<unknown, unknown>
      if (counts) this.#countContainer(map.size)
      this.#map(field, map, depth + 1)
    }
  }

  // One without elements is not written.
  #countContainer(size: number): void {
    if (size > 0) this.count()
  }

  #list({ cell, tag, packed }: FieldLayout, values: readonly unknown[], depth: number): void {
    const writer = this.#writer
    const { length } = values
    if (length === 0) return
    let i = 0
    try {
      if (!packed) {
        for (; i < length; i++) {
          this.count()
          writer.tag(tag)
          this.#value(cell, values[i], depth)
          if (cell.wire === wire.group) writer.tag(tag + 1)
        }
        return
      }
      writer.tag(tag)
      const mark = writer.begin(1)
      for (; i < length; i++) {
        this.count()
        writer.room(10)
        writer.scalar(cell, values[i])
      }
      writer.end(mark, 1)
    } catch (thrown) {
      throw Refusal.under(thrown, values, i)
    }
  }

  #map({ cell, entryKey, tag }: FieldLayout, map: ReadonlyMap<unknown, unknown>, depth: number): void {
    const writer = this.#writer
    const keyTag = 8 | entryKey!.wire
    const valueTag = 16 | cell.wire
    let at: unknown
    try {
      for (const [key, value] of map) {
        at = key
        this.count()
        writer.tag(tag)
        const mark = writer.begin(1)
        writer.tag(keyTag)
        this.#value(entryKey!, key, depth)
        writer.tag(valueTag)
        this.#value(cell, value, depth)
        writer.end(mark, 1)
      }
    } catch (thrown) {
      throw Refusal.under(thrown, map, typeof at === 'number' || typeof at === 'string' ? at : 'key')
    }
  }

  #value(cell: Cell, value: unknown, depth: number): void {
    if (cell.kind !== 'message') {
      this.#writer.scalar(cell, value)
      return
    }
    const layout = cell.message!
    if (cell.wire === wire.group) {
      this.#message(layout, value, depth + 1)
      return
    }
    const mark = this.#writer.begin(layout.lengthBytes)
    // Kept, because a message inside may be of the same layout.
    const { lengthBytes } = layout
    if (layout.kind === 'helper') this.field(layout.fields[0]!, value, depth, false)
    else this.#message(layout, value, depth + 1)
    layout.lengthBytes = this.#writer.end(mark, lengthBytes)
  }
}

/** Is it left out, because it is what is read where nothing is? */
export function isFallback(value: unknown, fallback: unknown): boolean {
  if (Object.is(value, fallback)) return true
  if (!(fallback instanceof Uint8Array) || !(value instanceof Uint8Array)) return false
  return value.length === fallback.length && value.every((byte, at) => byte === fallback[at])
}

/** Also for one of another realm. */
function isA(value: unknown, tag: 'Map' | 'Set'): boolean {
  return (
    value instanceof (tag === 'Map' ? Map : Set) ||
    Object.prototype.toString.call(value) === `[object ${tag}]`
  )
}

/** The refusal of a value that lacks a field. */
export function missing(): Refusal {
  return new Refusal('is undefined, and required')
}

function onlyOne(keys: readonly string[], value: Fields): void {
  const set = keys.filter((key) => value[key] !== undefined)
  if (set.length > 1) throw new Refusal(`has both ${set[0]} and ${set[1]}, of which only one may be set`)
}
