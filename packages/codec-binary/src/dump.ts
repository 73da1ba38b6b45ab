import { native, readText, refuse } from '@hawser/codec-base'
import { defaultLimits, type Limits, limitsWith, RpcError } from '@hawser/contract'
import type { Format } from './format.js'
import { binaryFormat } from './format-binary.js'
import { compactFormat } from './format-compact.js'
import { KnownTexts } from './known-texts.js'
import type { ScalarOp } from './plan.js'
import { Reader, tooDeep, tooMany } from './reader.js'
import { binaryWord, compactSize, past } from './skip.js'
import { boolOf, stop } from './take.js'
import type { LayoutName } from './wire.js'

/** What bytes say of themselves: types and ids, no names. */
export type Described =
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'i8' | 'i16' | 'i32' | 'double'; readonly value: number }
  | { readonly type: 'i64'; readonly value: bigint }
  | { readonly type: 'uuid'; readonly value: string }
  /** Text where it is well-formed and printable; otherwise the bytes. */
  | { readonly type: 'string'; readonly value: string | Uint8Array }
  | {
      readonly type: 'struct'
      readonly fields: readonly { readonly id: number; readonly value: Described }[]
    }
  | { readonly type: 'list' | 'set'; readonly elements: readonly Described[] }
  | { readonly type: 'map'; readonly entries: readonly (readonly [Described, Described])[] }

/**
 * Describes a struct without its type.
 * @throws RpcError `invalid_argument` / `bad_payload` or `too_deep`
 */
export function dump(bytes: Uint8Array, layout: LayoutName, limits: Partial<Limits> = {}): Described {
  const { depth, nodes } = limitsWith({ ...defaultLimits, ...limits })
  const reader = new Reader(bytes, Math.floor(depth), nodes, new KnownTexts())
  try {
    const value = new Dump(reader, layout).struct(reader.depth)
    if (reader.at !== bytes.length) refuse(`${bytes.length - reader.at} bytes follow the value`)
    return value
  } catch (thrown) {
    if (RpcError.is(thrown)) throw thrown
    refuse('The value cannot be built here')
  } finally {
    reader.release()
  }
}

type Kind =
  | 'bool'
  | 'i8'
  | 'i16'
  | 'i32'
  | 'i64'
  | 'double'
  | 'bytes'
  | 'uuid'
  | 'struct'
  | 'list'
  | 'set'
  | 'map'

const kinds: readonly Kind[] = [
  'bool',
  'i8',
  'i16',
  'i32',
  'i64',
  'double',
  'bytes',
  'uuid',
  'struct',
  'list',
  'set',
  'map',
]

class Dump {
  readonly #reader: Reader
  readonly #format: Format
  readonly #compact: boolean
  readonly #kinds: ReadonlyMap<number, Kind>

  constructor(reader: Reader, layout: LayoutName) {
    this.#reader = reader
    this.#compact = layout === 'compact'
    this.#format = this.#compact ? compactFormat : binaryFormat
    const { types } = this.#format.wire
    this.#kinds = new Map(kinds.map((kind) => [types[kind], kind]))
    if (this.#compact) this.#kinds = new Map([...this.#kinds, [2, 'bool']])
  }

  // Its recursion is bounded by the levels there may be.
  struct(levels: number): Described {
    if (levels <= 0) tooDeep(this.#reader.depth)
    this.#count(1)
    const fields: { id: number; value: Described }[] = []
    for (let head = 0; ; ) {
      head = this.#format.takeField(this.#reader, head)
      if (head === stop) return { type: 'struct', fields }
      const id = this.#compact ? head >> 4 : (head << 16) >> 16
      if (this.#compact && id > 32_767) refuse('A field has an id past 32,767')
      const type = this.#compact ? head & 15 : head >> 16
      const inHead = this.#compact && (type === 1 || type === 2)
      const value: Described = inHead ? { type: 'bool', value: type === 1 } : this.#value(type, levels - 1)
      fields.push({ id, value })
    }
  }

  #value(type: number, levels: number): Described {
    const kind = this.#kinds.get(type)
    switch (kind) {
      case undefined:
        return refuse('There is a value of no known type')
      case 'struct':
        return this.struct(levels)
      case 'list':
      case 'set':
        return this.#list(kind, levels)
      case 'map':
        return this.#map(levels)
      case 'bytes':
        this.#count(1)
        return { type: 'string', value: textOf(this.#take('bytes') as Uint8Array) }
      default:
        this.#count(1)
        return { type: kind, value: kind === 'bool' ? this.#bool() : this.#take(kind) } as Described
    }
  }

  #take(op: ScalarOp): unknown {
    return this.#format.take[op](this.#reader)
  }

  #bool(): boolean {
    const { at, bytes } = this.#reader
    this.#reader.at = past(this.#reader, at, 1)
    return boolOf(bytes[at]!, this.#compact ? 2 : 1)
  }

  #list(kind: 'list' | 'set', levels: number): Described {
    const { bytes, at } = this.#reader
    const size = this.#size(false)
    if (levels <= 0) tooDeep(this.#reader.depth)
    const type = this.#compact ? bytes[at]! & 15 : bytes[at]!
    const elements: Described[] = []
    for (let i = 0; i < size; i++) elements.push(this.#value(type, levels - 1))
    return { type: kind, elements }
  }

  #map(levels: number): Described {
    const { bytes, at } = this.#reader
    const size = this.#size(true)
    if (levels <= 0) tooDeep(this.#reader.depth)
    const key = this.#compact ? bytes[this.#reader.at - 1]! >> 4 : bytes[at]!
    const value = this.#compact ? bytes[this.#reader.at - 1]! & 15 : bytes[at + 1]!
    const entries: [Described, Described][] = []
    for (let i = 0; i < size; i++)
      entries.push([this.#value(key, levels - 1), this.#value(value, levels - 1)])
    return { type: 'map', entries }
  }

  /** The number of elements, of which none is smaller than a byte. */
  #size(map: boolean): number {
    this.#count(1)
    const reader = this.#reader
    if (this.#compact) {
      const size = compactSize(reader, map, reader.at)
      if (size > reader.end - reader.at) refuse('The bytes end within the value')
      return size
    }
    reader.at = past(reader, reader.at, map ? 6 : 5)
    const size = binaryWord(reader, reader.at - 4)
    past(reader, reader.at, size)
    return size
  }

  #count(values: number): void {
    this.#reader.nodes -= values
    if (this.#reader.nodes < 0) tooMany()
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what cannot be shown
const unprintable = /[\0-\x08\x0e-\x1f\x7f]/

function textOf(bytes: Uint8Array): string | Uint8Array {
  if (native && !native.isUtf8(bytes)) return bytes
  try {
    const text = readText(bytes)
    return unprintable.test(text) ? bytes : text
  } catch {
    return bytes
  }
}
