/**
 * .proto files by their paths.
 *
 * @module
 */
export { type LoadOptions, load } from './idl/load.js'
