/**
 * A call has so much time, and no more.
 *
 * ```ts
 * import { timeout } from '@hawser/middleware/timeout'
 *
 * export const middleware = [timeout({ ms: 1_000 })]
 * ```
 *
 * @module
 */
export { type TimeoutOptions, timeout } from './timeout.js'
