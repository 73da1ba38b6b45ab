/**
 * What a server has: its topics and methods by name with readable signatures, the types behind them, and OpenAPI.
 *
 * ```ts
 * import { json } from '@hawser/codec-json'
 * import { reflect } from '@hawser/reflection'
 * import { i32, signature, string } from '@hawser/schema'
 * import { createServer } from '@hawser/server'
 *
 * const server = createServer({ codecs: [json()] })
 * server.rpc('/to_string', (n) => String(n), { signature: signature([i32], string) })
 * reflect(server, { enabled: true, openapi: true })
 * // curl http://127.0.0.1:8080/debug/reflection, or a call of it:
 * // { "publish": {}, "rpc": { "/to_string": "string [/to_string](i32)", … } }
 * ```
 *
 * @module
 */
export { type JsonSchema, jsonSchemaOf } from './json-schema.js'
export { type OpenApi, openApi } from './openapi.js'
export type { OpenApiInfo, ReflectionOptions, ThreadUse } from './options.js'
export { readableMethod, readableType } from './readable.js'
export {
  openApiPath,
  type Reflection,
  reflect,
  reflectionOf,
  reflectionPath,
  threadsPath,
} from './reflect.js'
export type { ElementText, FieldText, MethodDetail, Schema, TypeDetail, TypeText } from './schema.js'
