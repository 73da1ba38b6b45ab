import type { Type } from '@hawser/contract'
import {
  type AnyType,
  type ExceptionType,
  type FieldEntry,
  type Presence,
  resolved,
  type TupleType,
} from '@hawser/schema'

/** What a value without parts is, to a layout: an enumeration is its number, a 64-bit integer is told by its JavaScript type. */
export type ScalarOp =
  | 'bool'
  | 'i8'
  | 'i16'
  | 'i32'
  | 'u32'
  | 'i64'
  | 'u64'
  | 'safeI64'
  | 'safeU64'
  | 'float'
  | 'double'
  | 'string'
  | 'bytes'
  | 'uuid'

export interface ScalarNode {
  readonly op: ScalarOp
}

export interface ListNode {
  readonly op: 'list' | 'set'
  /** Its place in {@link Plan.parts}. */
  readonly index: number
  readonly element: Node
}

export interface MapNode {
  readonly op: 'map'
  readonly index: number
  readonly key: Node
  readonly value: Node
}

export interface FieldNode {
  readonly key: string
  readonly id: number
  readonly presence: Presence
  readonly node: Node
  /** The place of its default in {@link Plan.fallbacks}. */
  readonly fallback: number
}

export interface RecordNode {
  readonly op: 'struct' | 'union' | 'exception' | 'tuple'
  readonly index: number
  readonly name: string
  /** By id. */
  readonly fields: readonly FieldNode[]
  /** The place of what makes an exception, or a tuple, in {@link Plan.makers}. */
  readonly maker: number
}

export type PartNode = ListNode | MapNode | RecordNode
export type Node = ScalarNode | PartNode

/** Some types as the back ends take them: without lazies, each type with parts once and by number. */
export interface Plan {
  readonly roots: readonly Node[]
  readonly parts: readonly PartNode[]
  readonly fallbacks: readonly (() => unknown)[]
  readonly makers: readonly ((fields: object) => unknown)[]
}

const highestId = 32_767
const mostParts = 16_384
const place = /^(0|[1-9][0-9]*)$/
const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/
const scalars: ReadonlyMap<string, ScalarOp> = new Map<string, ScalarOp>([
  ...(['bool', 'i8', 'i16', 'i32', 'u32', 'float', 'double', 'string', 'bytes', 'uuid'] as const).map(
    (kind): [string, ScalarOp] => [kind, kind],
  ),
  ['enum', 'i32'],
])

/** @throws TypeError for a type without a layout */
export function planOf(types: readonly Type[]): Plan {
  const planner = new Planner()
  const roots = types.map((type) => planner.node(type as AnyType))
  return { roots, parts: planner.parts, fallbacks: planner.fallbacks, makers: planner.makers }
}

type Named = { readonly kind: string; readonly name: string }

class Planner {
  readonly parts: PartNode[] = []
  readonly fallbacks: (() => unknown)[] = []
  readonly makers: ((fields: object) => unknown)[] = []
  readonly #known = new Map<AnyType, PartNode>()

  node(lazyType: AnyType): Node {
    const type = resolved(lazyType)
    if (type.kind === 'i64') return { op: type.js === 'bigint' ? 'i64' : 'safeI64' }
    if (type.kind === 'u64') return { op: type.js === 'bigint' ? 'u64' : 'safeU64' }
    const op = scalars.get(type.kind)
    if (op) return { op }
    const known = this.#known.get(type)
    if (known) return known

    const index = this.parts.length
    if (index === mostParts) throw new TypeError(`A type of more than ${mostParts} parts`)
    // Known before its parts are, which may hold it in turn.
    const add = <N extends PartNode>(node: { -readonly [K in keyof N]?: N[K] }): typeof node => {
      this.parts.push(node as N)
      this.#known.set(type, node as N)
      return node
    }
    switch (type.kind) {
      case 'list':
      case 'set': {
        const node = add<ListNode>({ op: type.kind, index })
        node.element = this.node(type.element)
        return node as ListNode
      }
      case 'map': {
        const node = add<MapNode>({ op: 'map', index })
        node.key = this.node(type.key)
        node.value = this.node(type.value)
        return node as MapNode
      }
      case 'struct':
      case 'union':
      case 'exception':
      case 'tuple': {
        const maker = 'make' in type ? this.#maker(type) : -1
        const node = add<RecordNode>({ op: type.kind, index, name: type.name, maker })
        node.fields = type.fields.map((field) => this.#field(field, type))
        return node as RecordNode
      }
      default:
        throw new TypeError(`There is no binary layout for ${JSON.stringify((type as Type).kind)}`)
    }
  }

  #maker(type: ExceptionType | TupleType): number {
    return this.makers.push((fields) => type.make(fields)) - 1
  }

  #field({ key, id, presence, type, fallback }: FieldEntry, { kind, name: owner }: Named): FieldNode {
    // Keys become code, so this does not lean on whoever made the type.
    if (!(kind === 'tuple' ? place : identifier).test(key) || key === '__proto__')
      throw new TypeError(`${JSON.stringify(key)} cannot be a field of ${owner}`)
    if (!Number.isInteger(id) || id < 1 || id > highestId)
      throw new TypeError(`${owner}.${key} has the id ${id}; Thrift's go up to 32,767`)
    const at = presence === 'default' ? this.fallbacks.push(fallback!) - 1 : -1
    return { key, id, presence, node: this.node(type), fallback: at }
  }
}

/** Is it a type with parts, which nests? */
export function hasParts(node: Node): node is PartNode {
  return 'index' in node
}

/** Is it a struct, a union, an exception or a tuple? */
export function isRecord(node: Node): node is RecordNode {
  return 'fields' in node
}
