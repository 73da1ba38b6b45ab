import type { MethodInfo, Shape } from '@hawser/contract'
import type { AnyType } from '@hawser/schema'
import { dialect, type JsonSchema, type JsonSchemas, jsonSchemas } from './json-schema.js'
import type { OpenApiInfo } from './options.js'
import { isType, readableMethod } from './readable.js'
import { errorsOf } from './schema.js'

/** An OpenAPI 3.1 document. */
export interface OpenApi {
  readonly openapi: '3.1.0'
  readonly jsonSchemaDialect: string
  readonly info: {
    readonly title: string
    readonly version: string
    readonly description?: string | undefined
  }
  readonly paths: Readonly<Record<string, object>>
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> }
}

const errorName = 'Hawser.Error'

/** The methods that have types, as `@hawser/protocol-http` carries them in JSON. */
export function openApi(methods: Iterable<MethodInfo>, info: OpenApiInfo = {}): OpenApi {
  const { title = 'Hawser', version = '0', description } = info
  const schemas = jsonSchemas('#/components/schemas/')
  const described = [...methods].filter(isDescribed).sort((a, b) => (a.name < b.name ? -1 : 1))
  const paths = described.map((info): [string, object] => [pathOf(info), operationsOf(info, schemas)])
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: dialect,
    info: { title, version, ...(description !== undefined && { description }) },
    paths: Object.fromEntries(paths),
    components: { schemas: { ...Object.fromEntries(schemas.made), [errorName]: errorSchema } },
  }
}

// A validator says nothing that could be handed on.
function isDescribed({ type: { untyped, input, output } }: MethodInfo): boolean {
  return !untyped && [input, output].every((shape) => shape === undefined || isType(shape))
}

function pathOf({ name }: MethodInfo): string {
  // In a path of OpenAPI braces stand for a parameter.
  const path = name.replace(/[{}]/g, encodeURIComponent)
  return path.startsWith('/') ? path : `/${path}`
}

function operationsOf(info: MethodInfo, schemas: JsonSchemas): object {
  const { name, style, topic, safe, type } = info
  const input = schemaOf(type.input, schemas)
  const about = { summary: readableMethod(info), responses: responsesOf(info, schemas) }
  if (topic) return { get: { operationId: name, ...about } }
  const streams = info.kind === 'client-stream' || info.kind === 'duplex'
  const content = streams ? lines(input) : { 'application/json': { schema: input } }
  const post = {
    operationId: name,
    ...about,
    ...(input !== undefined && { requestBody: { required: true, content } }),
  }
  if (!safe || style !== 'arguments' || input === undefined) return { post }
  const args = { name: 'args', in: 'query', content: { 'application/json': { schema: input } } }
  return { get: { operationId: `${name}#get`, ...about, parameters: [args] }, post }
}

function responsesOf(info: MethodInfo, schemas: JsonSchemas): object {
  const { kind, type } = info
  const output = schemaOf(type.output, schemas)
  const streams = kind === 'server-stream' || kind === 'duplex'
  const body = streams ? { ...events(output), ...lines(output) } : { 'application/json': { schema: output } }
  const fine =
    output === undefined && !streams
      ? { 204: { description: 'Done' } }
      : { 200: { description: streams ? 'The items' : 'The result', content: body } }
  return {
    ...fine,
    default: { description: 'An error', content: { 'application/json': { schema: errorOf(info, schemas) } } },
  }
}

// OpenAPI 3.1 has a schema for a body as a whole only.
function events(item: JsonSchema | undefined): object {
  return { 'text/event-stream': { schema: { type: 'string' }, 'x-item-schema': item ?? {} } }
}

function lines(item: JsonSchema | undefined): object {
  return { 'application/x-ndjson': { schema: { type: 'string' }, 'x-item-schema': item ?? {} } }
}

function schemaOf(shape: Shape | undefined, schemas: JsonSchemas): JsonSchema | undefined {
  return isType(shape) ? schemas.of(shape as AnyType) : undefined
}

/** Any error; of a declared one the details are its fields, under its key. */
function errorOf(info: MethodInfo, schemas: JsonSchemas): JsonSchema {
  const any = { $ref: `#/components/schemas/${errorName}` }
  const declared = errorsOf(info).map(({ key, type }) => ({
    type: 'object',
    properties: { [key]: schemas.of(type) },
    required: [key],
  }))
  if (declared.length === 0) return any
  const another = { properties: { reason: { not: { const: 'declared' } } } }
  return { allOf: [any], anyOf: [another, { properties: { details: { anyOf: declared } } }] }
}

const errorSchema: JsonSchema = {
  type: 'object',
  properties: {
    code: { type: 'string' },
    reason: { type: 'string' },
    message: { type: 'string' },
    executed: { enum: ['no', 'maybe', 'yes'] },
    retryable: { type: 'boolean' },
    retryAfterMs: { type: 'number', description: 'Negative: never' },
    details: {},
  },
  required: ['code', 'message', 'executed', 'retryable'],
}
