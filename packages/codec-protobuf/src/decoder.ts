import { refuse } from '@hawser/codec-base'
import type { Compiler } from './compiler.js'
import { type Cell, type Entry, type FieldLayout, type MessageLayout, partOf, wire } from './layout.js'
import { type Reader, tooLong } from './reader.js'

type Fields = Record<string, unknown>
type Container = unknown[] | Set<unknown> | Map<unknown, unknown>

/** A message that lacked something at its end. Another part of it may follow, so that is judged when all is read. */
interface Incomplete {
  readonly layout: MessageLayout
  readonly object: Fields
}

const nothing = new Uint8Array(0)
const noTag = 0

/** Reads messages by their layouts. */
export class Decoder {
  readonly #reader: Reader
  readonly #compiler: Compiler | undefined
  #incomplete: Incomplete[] = []

  constructor(reader: Reader, compiler: Compiler | undefined) {
    this.#reader = reader
    this.#compiler = compiler
  }

  /** The message that all of the bytes are. Throws RpcError. */
  decode(layout: MessageLayout, bytes: Uint8Array): object {
    const reader = this.#reader
    reader.open(bytes)
    try {
      // A helper is no level of its own; what is in it is.
      const depth = layout.kind === 'helper' ? 0 : 1
      const object = this.#message(layout, bytes.length, depth, undefined)
      if (this.#incomplete.length > 0) this.#completeAll(object)
      return object
    } finally {
      if (this.#incomplete.length > 0) this.#incomplete = []
      // An idle codec must not keep a message alive.
      reader.bytes = nothing
    }
  }

  /** What another value took the place of, in a oneof or under a key, may lack what it likes. */
  #completeAll(root: object): void {
    let held: ReadonlySet<object> | undefined
    for (const { layout, object } of this.#incomplete) {
      const lack = complete(layout, object)
      if (lack === undefined) continue
      held ??= heldBy(root)
      if (held.has(object)) refuse(lack)
    }
  }

  /** The fields up to `end`, or up to the tag `last` that ends a group. */
  #message(
    layout: MessageLayout,
    end: number,
    depth: number,
    begun: Fields | undefined,
    last: number = noTag,
  ): object {
    const reader = this.#reader
    reader.enter(depth)
    if (begun === undefined && last === noTag && this.#compiler) {
      const read = this.#compiler.reading(layout)
      if (read) return read(reader, this, end, depth)
    }
    const object = begun ?? layout.blank()
    let seen = 0
    let open = last !== noTag
    while (reader.at < end) {
      const tag = reader.tag()
      const entry = layout.entry(tag)
      if (entry === undefined) {
        if (tag === last) {
          open = false
          break
        }
        reader.skip(tag, depth)
      } else {
        const { field } = entry
        // What is in a helper is counted where that is.
        const counts = layout.kind !== 'helper'
        if (field.shape !== 'single')
          object[field.key] = this.several(entry, tag, end, depth, partOf(object, field), counts)
        else if (!this.#single(field, tag, depth, object, counts)) continue
        seen |= field.bit
        if (layout.kind === 'union') keepOnly(field.key, object)
      }
    }
    if (open || (last === noTag && reader.at !== end)) tooLong()
    if (layout.made) {
      const lack = complete(layout, object)
      if (lack !== undefined) refuse(lack)
      return layout.made.make(object) as object
    }
    // One that was begun has been looked at, or is noted already.
    if (begun === undefined && seen !== layout.bits) this.later(layout, object)
    return object
  }

  /** Something is missing, which another part may bring. */
  later(layout: MessageLayout, object: object): void {
    this.#incomplete.push({ layout, object: object as Fields })
  }

  /** Returns false for what counts as an unknown field. */
  #single(field: FieldLayout, tag: number, depth: number, object: Fields, counts: boolean): boolean {
    const { key, cell, rivals } = field
    if (counts) this.#reader.count()
    const value =
      cell.kind === 'message'
        ? this.nested(cell, tag, depth, partOf(object, field))
        : this.#reader.scalar(cell)
    if (value === undefined) return false
    object[key] = value
    for (const rival of rivals) if (Object.hasOwn(object, rival)) delete object[rival]
    return true
  }

  /** A message with its length. Protobuf lets one come in parts, so one that was begun is gone on with. */
  nested({ message, wire: form }: Cell, tag: number, depth: number, begun: unknown): unknown {
    const layout = message!
    const open = layout.made ? undefined : (begun as Fields | undefined)
    if (form === wire.group) return this.#message(layout, this.#reader.bytes.length, depth + 1, open, tag + 1)
    const end = this.#reader.end()
    if (layout.kind === 'helper') {
      const holder = begun === undefined ? undefined : { value: begun }
      return unwrapped(layout, this.#message(layout, end, depth, holder))
    }
    return this.#message(layout, end, depth + 1, open)
  }

  /** The value of a list's element, or of an entry; undefined for what counts as an unknown field. */
  #value(cell: Cell, tag: number, depth: number, begun?: unknown): unknown {
    return cell.kind === 'message' ? this.nested(cell, tag, depth, begun) : this.#reader.scalar(cell)
  }

  /** Elements or an entry, into the container that the field has so far. */
  several(
    { field, packed }: Entry,
    tag: number,
    end: number,
    depth: number,
    begun: unknown,
    counts: boolean,
  ): Container {
    const reader = this.#reader
    const { shape } = field
    let container = begun as Container | undefined
    if (container === undefined) {
      reader.enter(depth + 1)
      if (counts) reader.count()
      container = shape === 'list' ? [] : shape === 'set' ? new Set() : new Map()
    }
    if (container instanceof Map) this.#entry(field, depth + 1, container)
    else if (packed) this.#packed(field.cell, container)
    else
      do {
        reader.count()
        add(container, this.#value(field.cell, tag, depth + 1))
      } while (reader.at < end && reader.another(tag))
    return container
  }

  #packed(cell: Cell, container: unknown[] | Set<unknown>): void {
    const reader = this.#reader
    const end = reader.end()
    if (cell.kind === 'int' && cell.numbers === undefined && Array.isArray(container)) {
      // The commonest, without asking for each what it is.
      const { low, high } = cell
      while (reader.at < end) {
        reader.count()
        container.push(reader.int(low, high))
      }
    }
    while (reader.at < end) {
      reader.count()
      add(container, reader.scalar(cell))
    }
    if (reader.at !== end) refuse('A packed list is longer than its length')
  }

  #entry({ cell, entryKey }: FieldLayout, depth: number, map: Map<unknown, unknown>): void {
    const reader = this.#reader
    const end = reader.end()
    const keyCell = entryKey!
    const keyTag = 8 | keyCell.wire
    const valueTag = 16 | cell.wire
    let key: unknown
    let value: unknown
    let unknown = false
    reader.count()
    while (reader.at < end) {
      const tag = reader.tag()
      if (tag === keyTag) key = this.#value(keyCell, tag, depth, key)
      else if (tag === valueTag) {
        // An entry is a message, so the parts of a message in it belong together.
        value = this.#value(cell, tag, depth, value)
        unknown = value === undefined
      } else reader.skip(tag, depth)
    }
    if (reader.at !== end) refuse('An entry is longer than its length')
    if (!unknown) map.set(key ?? this.#absent(keyCell, depth), value ?? this.#absent(cell, depth))
  }

  /** What an entry holds that has no key, or no value. */
  #absent({ zero, message }: Cell, depth: number): unknown {
    if (message) {
      const { at } = this.#reader
      if (message.kind === 'helper') return unwrapped(message, {})
      return this.#message(message, at, depth + 1, undefined)
    }
    return zero ?? refuse('An entry lacks its key or its value')
  }
}

function add(container: unknown[] | Set<unknown>, value: unknown): void {
  if (value === undefined) return
  if (container instanceof Set) container.add(value)
  else container.push(value)
}

// Of a union the last member counts.
function keepOnly(key: string, object: Fields): void {
  for (const other in object) if (other !== key) delete object[other]
}

/** The root and all objects in it. */
function heldBy(root: object): ReadonlySet<object> {
  const held = new Set([root])
  for (const each of held) {
    const parts =
      each instanceof Map ? [...each.keys(), ...each.values()] : each instanceof Set ? each : undefined
    if (ArrayBuffer.isView(each)) continue
    for (const part of parts ?? Object.values(each))
      if (typeof part === 'object' && part !== null) held.add(part)
  }
  return held
}

/** What a helper message is there for. */
export function unwrapped(layout: MessageLayout, holder: object): unknown {
  const { value } = holder as { value?: unknown }
  const [field] = layout.fields
  return value ?? field!.make?.() ?? field!.fallback ?? refuse(`${layout.name} is empty`)
}

/** Makes what has no value yet; what is lacking then, if something is. */
function complete(layout: MessageLayout, object: Fields): string | undefined {
  if (layout.kind === 'union')
    return Object.keys(object).length === 0 ? `${layout.name} has no member that is known` : undefined
  for (const field of layout.fields) {
    const { key, required, make } = field
    if ((!required && !make) || partOf(object, field) !== undefined) continue
    if (required) return `${layout.name} lacks the field ${key}`
    if (make) object[key] = make()
  }
  return undefined
}
