/**
 * Values as JSON text, checked before they are parsed.
 *
 * ```ts
 * import { asBytes, json } from '@hawser/codec-json'
 *
 * const codec = json({ limits: { depth: 16 } })
 * const value = codec.decode(codec.encode({ id: 7, blob: new Uint8Array([1, 2, 3]) })) as { id: number; blob: string }
 * console.info(value, asBytes(value.blob)) // { id: 7, blob: 'AQID' } Uint8Array(3) [ 1, 2, 3 ]
 * ```
 *
 * @module
 */
export { asBytes } from './base64.js'
export { type JsonOptions, json } from './json.js'
