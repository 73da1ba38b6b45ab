/**
 * Protobuf's canonical JSON.
 *
 * @module
 */
export { type FromJsonOptions, fromJson, toJson } from './json/canonical.js'
