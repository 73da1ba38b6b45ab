import type { MethodInfo, Shape, Type } from '@hawser/contract'
import { type AnyType, type FieldEntry, resolved } from '@hawser/schema'

// Types may hold themselves without a name in between.
const mostDepth = 8

/** A type in a few words: `map<string, demo.Item>`. */
export function readableType(type: Type, depth = 0): string {
  if (depth > mostDepth) return '…'
  const each = resolved(type)
  const inner = (part: AnyType): string => readableType(part, depth + 1)
  switch (each.kind) {
    case 'list':
    case 'set':
      return `${each.kind}<${inner(each.element)}>`
    case 'map':
      return `map<${inner(each.key)}, ${inner(each.value)}>`
    case 'tuple':
      return `(${parametersOf(each.fields, depth)})`
    case 'enum':
    case 'struct':
    case 'union':
    case 'exception':
      return each.name
    default:
      return each.kind
  }
}

function parametersOf(fields: readonly FieldEntry[], depth: number): string {
  return fields
    .map(({ type, presence }) => `${readableType(type, depth + 1)}${presence === 'required' ? '' : '?'}`)
    .join(', ')
}

/** A method in the manner of `string [/to_string](i32)`: its result, its name and what it takes. */
export function readableMethod(info: MethodInfo): string {
  const { name, kind, topic, type } = info
  const streamsOut = !topic && (kind === 'server-stream' || kind === 'duplex')
  const answer = `${kind === 'oneway' ? 'oneway ' : streamsOut ? 'stream ' : ''}${resultOf(info)}`
  return `${answer} [${name}](${topic ? '' : takenBy(info, type.input)})`
}

function resultOf({ kind, type: { output, untyped } }: MethodInfo): string {
  if (output) return shapeText(output)
  return kind !== 'oneway' && untyped ? 'any' : 'void'
}

function takenBy({ kind, style, type, parameters }: MethodInfo, input: Shape | undefined): string {
  if (!input) {
    if (style === 'arguments')
      return parameters === undefined ? '...any' : Array(parameters).fill('any').join(', ')
    return type.untyped ? `${streamsIn(kind)}any` : ''
  }
  const type_ = isType(input) ? resolved(input) : undefined
  if (style === 'arguments' && type_?.kind === 'tuple') return parametersOf(type_.fields, 0)
  return `${streamsIn(kind)}${shapeText(input)}`
}

function streamsIn(kind: MethodInfo['kind']): string {
  return kind === 'client-stream' || kind === 'duplex' ? 'stream ' : ''
}

function shapeText(shape: Shape): string {
  return isType(shape) ? readableType(shape) : 'any'
}

/** Is it a type of package schema, which says what its values are, rather than a validator, which only judges them? */
export function isType(shape: Shape | undefined): shape is Type {
  return shape !== undefined && !('~standard' in shape)
}
