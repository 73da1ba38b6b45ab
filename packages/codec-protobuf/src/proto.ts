/**
 * .proto files: their types and services at run time, or written down as TypeScript ahead of it.
 *
 * @module
 */
export { generate } from './idl/generate.js'
export { type Definitions, type MessageValue, parse } from './idl/parse.js'
export type { ParseOptions } from './idl/sources.js'
