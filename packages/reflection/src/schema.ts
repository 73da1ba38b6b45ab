import type { MethodInfo, Shape } from '@hawser/contract'
import type { AnyType, EnumerationType, FieldEntry, ResolvedType } from '@hawser/schema'
import { type NamedType, Names } from './names.js'
import { isType } from './readable.js'

/** A type: the kind of one without parts, the name of one that has a name, or what its parts are. */
export type TypeText =
  | string
  | { readonly kind: string; readonly form: string }
  | { readonly list: TypeText }
  | { readonly set: TypeText }
  | { readonly map: readonly [key: TypeText, value: TypeText] }
  | { readonly tuple: readonly ElementText[] }

/** An element of a tuple: a parameter of a function. */
export interface ElementText {
  readonly type: TypeText
  readonly presence: FieldEntry['presence']
}

/** A field of a type with a name. */
export interface FieldText extends ElementText {
  readonly id: number
  readonly name: string
}

/** What a name stands for. */
export type TypeDetail =
  | { readonly kind: 'struct' | 'union'; readonly fields: readonly FieldText[] }
  | { readonly kind: 'exception'; readonly code: string; readonly fields: readonly FieldText[] }
  | { readonly kind: 'enum'; readonly values: Readonly<Record<string, number>> }
  | { readonly kind: 'alias'; readonly type: TypeText }

/** What is known of one method. */
export interface MethodDetail {
  readonly kind: MethodInfo['kind']
  readonly style: MethodInfo['style']
  readonly topic: boolean
  readonly form: MethodInfo['form']
  readonly safe: boolean
  /** Absent where nothing goes in, or nothing is known of it. */
  readonly input?: TypeText | undefined
  readonly output?: TypeText | undefined
  /** By their ids. */
  readonly errors?: Readonly<Record<string, TypeText>> | undefined
}

/** All methods, and the types with names that they use. */
export interface Schema {
  readonly methods: Readonly<Record<string, MethodDetail>>
  readonly types: Readonly<Record<string, TypeDetail>>
}

/** The types of methods as plain data. */
export function schemaOf(methods: readonly MethodInfo[]): Schema {
  const names: Names<TypeText, TypeDetail> = new Names({
    reference: (name) => name,
    named: (type) => detailOf(type, names),
    anonymous: (type) => textOf(type, names),
    alias: (type) => ({ kind: 'alias', type }),
  })
  const shape = (shape: Shape | undefined) => (isType(shape) ? names.of(shape as AnyType) : undefined)
  const details = methods.map((info): [string, MethodDetail] => {
    const { name, kind, style, topic, form, safe, type } = info
    const input = shape(type.input)
    const output = shape(type.output)
    const errors =
      type.errors && Object.fromEntries(errorsOf(info).map(({ id, type }) => [id, names.of(type)]))
    const about = { kind, style, topic, form, safe }
    return [name, { ...about, ...(input && { input }), ...(output && { output }), ...(errors && { errors }) }]
  })
  return { methods: Object.fromEntries(details), types: Object.fromEntries(names.made) }
}

/** The exceptions that a method declares. */
export function errorsOf({ type: { errors } }: MethodInfo): readonly FieldEntry[] {
  return errors ? (errors.type as Extract<AnyType, { kind: 'union' }>).fields : []
}

function textOf(type: ResolvedType, names: Names<TypeText, TypeDetail>): TypeText {
  switch (type.kind) {
    case 'list':
      return { list: names.of(type.element) }
    case 'set':
      return { set: names.of(type.element) }
    case 'map':
      return { map: [names.of(type.key), names.of(type.value)] }
    case 'tuple':
      return { tuple: type.fields.map(({ type, presence }) => ({ type: names.of(type), presence })) }
    default:
      return 'form' in type && type.form ? { kind: type.kind, form: type.form } : type.kind
  }
}

function detailOf(type: NamedType, names: Names<TypeText, TypeDetail>): TypeDetail {
  if (type.kind === 'enum') return { kind: 'enum', values: (type as EnumerationType).values }
  const fields = type.fields.map(
    ({ id, key, type, presence }): FieldText => ({ id, name: key, type: names.of(type), presence }),
  )
  if (type.kind !== 'exception') return { kind: type.kind, fields }
  return { kind: 'exception', code: String(Reflect.get(type, 'code')), fields }
}
