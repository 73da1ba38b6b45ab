import { isInherited } from '@hawser/codec-base'
import type { Type } from '@hawser/contract'
import { type AnyType, type FieldEntry, type ResolvedType, resolved } from '@hawser/schema'
import { messageCell, scalarCell } from './cell.js'
import type { LazyHints, ListHints, MessageHints } from './hints.js'
import { type Cell, type Entry, type FieldLayout, MessageLayout, type Shape, wire } from './layout.js'

// The sign is kept free.
const mostBits = 30

// What presence means to writers and readers.
const optional = { needed: false, required: false, omits: false, fallback: undefined, make: undefined }
const required = { ...optional, needed: true, required: true }
const repeated = { ...optional, omits: true }

type Container = Extract<ResolvedType, { kind: 'list' | 'set' | 'map' }>
type Message = Extract<ResolvedType, { kind: 'struct' | 'union' | 'exception' | 'tuple' }>

/** Finds the layouts of types, each once. */
export class Planner {
  #known = new WeakMap<Type, MessageLayout>()
  readonly #unfilled: (() => void)[] = []

  /**
   * What carries a value by itself: its message, or a helper message with the value as field 1.
   * @throws TypeError for what is no type of package schema
   */
  root(type: Type): MessageLayout {
    try {
      const each = checked(type as AnyType)
      const layout = isMessage(each) ? this.#message(each) : this.#helper(type as AnyType, each)
      for (let fill = this.#unfilled.pop(); fill; fill = this.#unfilled.pop()) fill()
      return layout
    } catch (error) {
      // Others may be known that wait for what cannot be.
      this.#known = new WeakMap()
      this.#unfilled.length = 0
      throw error
    }
  }

  #message(type: Message): MessageLayout {
    const known = this.#known.get(type)
    if (known) return known
    const layout = new MessageLayout(type.name, type.kind === 'union' ? 'union' : 'message')
    this.#known.set(type, layout)
    if ('make' in type) layout.made = type
    if (type.kind === 'struct') layout.oneofs = (type as MessageHints).oneofs ?? []
    // Later, because types may follow one another without end, or with none in sight.
    this.#unfilled.push(() => {
      const bits = { next: 0 }
      fill(
        layout,
        type.fields.map((entry) => this.#field(layout, entry, bits)),
      )
    })
    return layout
  }

  /** A message around what can be no field or element by itself. */
  #helper(type: AnyType, each: Exclude<ResolvedType, Message>): MessageLayout {
    const known = this.#known.get(type)
    if (known) return known
    const layout = new MessageLayout(each.kind, 'helper')
    this.#known.set(type, layout)
    const parts = isContainer(each)
      ? { ...this.#container(each), ...repeated, make: empty(each) }
      : this.#wrapped(each)
    fill(layout, [{ key: 'value', inherited: false, bit: 0, rivals: [], ...parts, tag: tagOf(1, parts) }])
    return layout
  }

  #wrapped(type: ResolvedType) {
    const cell = scalarCell(type)!
    const required = cell.zero === undefined
    return { ...single(cell), needed: true, required, omits: !required, fallback: cell.zero, make: undefined }
  }

  #field(layout: MessageLayout, entry: FieldEntry, bits: { next: number }): FieldLayout {
    const { key, id, presence, fallback } = entry
    const type = checked(entry.type)
    const base = { key, inherited: isInherited(key), rivals: rivalsOf(layout, key) }
    if (isContainer(type) && layout.kind !== 'union' && isRepeated(entry)) {
      const parts = this.#container(type)
      const needed = presence === 'required'
      const rest = { ...repeated, needed, make: fallback ?? empty(type), bit: bit(bits) }
      return { ...base, ...parts, ...rest, tag: tagOf(id, parts) }
    }
    const parts = single(this.#cell(entry.type))
    const tag = tagOf(id, parts)
    if (layout.kind === 'union') return { ...base, ...parts, ...optional, bit: 1, tag }
    if (presence === 'optional') return { ...base, ...parts, ...optional, bit: 0, tag }
    if (presence === 'required') return { ...base, ...parts, ...required, bit: bit(bits), tag }
    if (parts.cell.message) return { ...base, ...parts, ...optional, make: fallback!, bit: bit(bits), tag }
    const value = fallback!()
    const rest = { ...optional, omits: true, fallback: value, tag }
    // Bytes can be written to, so each reader gets its own.
    if (value instanceof Uint8Array && value.length > 0)
      return { ...base, ...parts, ...rest, make: fallback!, bit: bit(bits) }
    return { ...base, ...parts, ...rest, bit: 0 }
  }

  #container(type: Container) {
    const shape: Shape = type.kind
    if (type.kind === 'map')
      return { shape, cell: this.#cell(type.value), entryKey: this.#cell(type.key), packed: false }
    const cell = this.#cell(type.element)
    const packed = !cell.message && cell.wire !== wire.bytes && (type as ListHints).packed !== false
    return { shape, cell, entryKey: undefined, packed }
  }

  #cell(type: AnyType): Cell {
    const each = checked(type)
    const scalar = scalarCell(each)
    if (scalar) return scalar
    const message = messageCell(isMessage(each) ? this.#message(each) : this.#helper(type, each))
    return isMessage(each) && (type as LazyHints).delimited ? { ...message, wire: wire.group } : message
  }
}

function checked(type: AnyType): ResolvedType {
  const each = resolved(type)
  if (scalarCell(each) || isContainer(each) || isMessage(each)) return each
  throw new TypeError(`Protobuf has no layout for a type of the kind ${String((each as Type).kind)}`)
}

function isMessage(type: ResolvedType): type is Message {
  return 'fields' in type
}

function isContainer(type: ResolvedType): type is Container {
  return type.kind === 'list' || type.kind === 'set' || type.kind === 'map'
}

/** Is none the same as an empty one, so that there is nothing to tell apart? */
function isRepeated({ presence, fallback }: FieldEntry): boolean {
  if (presence !== 'default') return presence === 'required'
  const made = fallback!() as readonly unknown[] | ReadonlySet<unknown> | ReadonlyMap<unknown, unknown>
  return ('size' in made ? made.size : made.length) === 0
}

function empty({ kind }: Container): () => unknown {
  return kind === 'list' ? () => [] : kind === 'set' ? () => new Set() : () => new Map()
}

function rivalsOf({ oneofs }: MessageLayout, key: string): readonly string[] {
  return (oneofs.find((keys) => keys.includes(key)) ?? []).filter((other) => other !== key)
}

function single(cell: Cell) {
  return { shape: 'single' as const, cell, entryKey: undefined, packed: false }
}

function tagOf(id: number, { shape, cell, packed }: Pick<FieldLayout, 'shape' | 'cell' | 'packed'>): number {
  return ((id << 3) | (packed || shape === 'map' ? wire.bytes : cell.wire)) >>> 0
}

function bit(bits: { next: number }): number {
  return bits.next < mostBits ? 1 << bits.next++ : 0
}

/** Completes a layout: elements that can be packed are read either way. */
function fill(layout: MessageLayout, fields: readonly FieldLayout[]): void {
  const entries = fields.flatMap((field): (readonly [number, Entry])[] => {
    const written: readonly [number, Entry] = [field.tag, { field, packed: field.packed }]
    if (field.shape === 'single' || field.shape === 'map' || field.cell.message) return [written]
    if (field.cell.wire === wire.bytes) return [written]
    const packed = !field.packed
    const other = (field.tag & ~7) | (packed ? wire.bytes : field.cell.wire)
    return [written, [other >>> 0, { field, packed }]]
  })
  layout.fill(fields, entries)
}
