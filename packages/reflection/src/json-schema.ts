import type { Type } from '@hawser/contract'
import {
  type AnyType,
  type EnumerationType,
  type FieldEntry,
  type ResolvedType,
  resolved,
} from '@hawser/schema'
import { type NamedType, Names } from './names.js'

/** The draft of JSON Schema that all of them follow. */
export const dialect = 'https://json-schema.org/draft/2020-12/schema'

/** A JSON Schema of draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>> | false

/** The JSON Schemas of types, as the codec for JSON lays them out. */
export type JsonSchemas = Names<JsonSchema, JsonSchema>

/** @param base where the schemas with names will be: `#/components/schemas/` */
export function jsonSchemas(base: string): JsonSchemas {
  const names: JsonSchemas = new Names({
    reference: (name) => ({ $ref: `${base}${name}` }),
    named: (type) => (type.kind === 'enum' ? enumerationOf(type) : recordOf(type, names)),
    anonymous: (type) => schemaOf(type, names),
    alias: (schema) => schema,
  })
  return names
}

/** The JSON Schema of one type by itself, with those that it refers to in `$defs`. */
export function jsonSchemaOf(type: Type): JsonSchema {
  const names = jsonSchemas('#/$defs/')
  const schema = names.of(type as AnyType)
  return {
    $schema: dialect,
    ...schema,
    ...(names.made.size > 0 && { $defs: Object.fromEntries(names.made) }),
  }
}

const decimal = '^(0|-?[1-9][0-9]*)$'
const uuid = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'
const int32 = { minimum: -(2 ** 31), maximum: 2 ** 31 - 1 }
const ranges: Readonly<Record<string, { readonly minimum: number; readonly maximum: number }>> = {
  i8: { minimum: -(2 ** 7), maximum: 2 ** 7 - 1 },
  i16: { minimum: -(2 ** 15), maximum: 2 ** 15 - 1 },
  i32: int32,
  u32: { minimum: 0, maximum: 2 ** 32 - 1 },
}

function schemaOf(type: ResolvedType, names: JsonSchemas): JsonSchema {
  switch (type.kind) {
    case 'bool':
      return { type: 'boolean' }
    case 'i64':
    case 'u64':
      // Written as text, since many readers make doubles of numbers.
      return {
        type: ['string', 'integer'],
        format: type.kind === 'i64' ? 'int64' : 'uint64',
        pattern: decimal,
      }
    case 'float':
    case 'double':
      return { anyOf: [{ type: 'number', format: type.kind }, { enum: ['NaN', 'Infinity', '-Infinity'] }] }
    case 'string':
      return { type: 'string' }
    case 'bytes':
      return { type: 'string', contentEncoding: 'base64' }
    case 'uuid':
      return { type: 'string', format: 'uuid', pattern: uuid }
    case 'list':
      return { type: 'array', items: names.of(type.element) }
    case 'set':
      return { type: 'array', items: names.of(type.element), description: 'Each element once' }
    case 'map':
      return mapOf(type, names)
    case 'tuple':
      return tupleOf(type.fields, names)
    default:
      return { type: 'integer', ...ranges[type.kind] }
  }
}

/** An array with a schema for each place; null stands for what is absent in front of something. */
function tupleOf(fields: readonly FieldEntry[], names: JsonSchemas): JsonSchema {
  const items = fields.map(({ type, presence }) => {
    const schema = names.of(type)
    return presence === 'required' ? schema : { anyOf: [schema, { type: 'null' }] }
  })
  const least = fields.filter(({ presence }) => presence === 'required').length
  return {
    type: 'array',
    ...(items.length > 0 && { prefixItems: items }),
    items: false,
    minItems: least,
  }
}

/** An object where keys can be its keys, and else an array of pairs. */
function mapOf({ key, value }: Extract<AnyType, { kind: 'map' }>, names: JsonSchemas): JsonSchema {
  const keys = keySchema(key)
  const values = names.of(value)
  if (keys) return { type: 'object', propertyNames: keys, additionalProperties: values }
  const pair = { type: 'array', prefixItems: [names.of(key), values], items: false, minItems: 2 }
  return { type: 'array', items: pair, description: 'Pairs of key and value, each key once' }
}

function recordOf(type: Exclude<NamedType, EnumerationType>, names: JsonSchemas): JsonSchema {
  const properties = Object.fromEntries(type.fields.map(({ key, type }) => [key, names.of(type)]))
  if (type.kind === 'union')
    return { type: 'object', properties, additionalProperties: false, minProperties: 1, maxProperties: 1 }
  const required = type.fields.filter(({ presence }) => presence === 'required').map(({ key }) => key)
  return { type: 'object', properties, ...(required.length > 0 && { required }) }
}

/** Names for those that have one, and any other number. */
function enumerationOf({ values }: EnumerationType): JsonSchema {
  return { anyOf: [{ enum: Object.keys(values) }, { type: 'integer', ...int32 }] }
}

/** The schema of the names of properties; undefined for keys that are none. */
function keySchema(type: AnyType): JsonSchema | undefined {
  const key = resolved(type)
  switch (key.kind) {
    case 'string':
      return { type: 'string' }
    case 'bool':
      return { enum: ['true', 'false'] }
    case 'uuid':
      return { type: 'string', pattern: uuid }
    case 'enum':
      return { anyOf: [{ enum: Object.keys(key.values) }, { pattern: decimal }] }
    case 'i8':
    case 'i16':
    case 'i32':
    case 'u32':
    case 'i64':
    case 'u64':
      return { type: 'string', pattern: decimal }
    default:
      return undefined
  }
}
