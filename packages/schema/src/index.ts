/**
 * Services described once: types for the compiler, names and kinds for the wire.
 *
 * ```ts
 * import { serverStream, service, unary } from '@hawser/schema'
 *
 * export const Clock = service('demo.Clock', {
 *   now: unary<{ zone: string }, { time: string }>(),
 *   ticks: serverStream<{ everyMs: number }, { time: string }>(),
 * })
 * ```
 *
 * @module
 */
export { clientStream, duplex, oneway, serverStream, service, unary } from './service.js'
