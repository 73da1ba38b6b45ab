import { type AnyType, type ResolvedType, resolved } from '@hawser/schema'

/** A type that its author has named. */
export type NamedType = Extract<ResolvedType, { kind: 'enum' | 'struct' | 'union' | 'exception' }>

const scalars = [
  'bool',
  'i8',
  'i16',
  'i32',
  'u32',
  'i64',
  'u64',
  'float',
  'double',
  'string',
  'bytes',
  'uuid',
]

/** What is made of types. */
export interface Makers<Use, Made> {
  /** What stands for a type where it is used. */
  reference(name: string): Use
  /** What its name stands for. */
  named(type: NamedType): Made
  /** What stands for a type without a name. */
  anonymous(type: ResolvedType): Use
  /** What the name of a type that has none of its own stands for. */
  alias(made: Use): Made
}

/** Gives types their names, each its own: those that hold themselves need one, and two may have been given the same. */
export class Names<Use, Made> {
  /** What each name stands for. */
  readonly made: Map<string, Made> = new Map()
  readonly #makers: Makers<Use, Made>
  readonly #names = new Map<ResolvedType, string>()
  // A struct may be called as a type without a name is.
  readonly #taken = new Set<string>(scalars)
  readonly #making = new Set<ResolvedType>()

  constructor(makers: Makers<Use, Made>) {
    this.#makers = makers
  }

  /** What stands for the type. */
  of(type: AnyType): Use {
    const each = resolved(type)
    const known = this.#names.get(each)
    if (known !== undefined) return this.#makers.reference(known)
    if (isNamed(each)) {
      const name = this.#name(each, each.name)
      this.made.set(name, this.#makers.named(each))
      return this.#makers.reference(name)
    }
    // A list of itself, say.
    if (this.#making.has(each)) return this.#makers.reference(this.#name(each, each.kind))
    this.#making.add(each)
    const made = this.#makers.anonymous(each)
    this.#making.delete(each)
    const name = this.#names.get(each)
    if (name === undefined) return made
    this.made.set(name, this.#makers.alias(made))
    return this.#makers.reference(name)
  }

  #name(type: ResolvedType, wanted: string): string {
    let name = wanted
    for (let next = 2; this.#taken.has(name); next++) name = `${wanted}_${next}`
    this.#taken.add(name)
    this.#names.set(type, name)
    return name
  }
}

function isNamed(type: ResolvedType): type is NamedType {
  return type.kind === 'enum' || ('fields' in type && type.kind !== 'tuple')
}
