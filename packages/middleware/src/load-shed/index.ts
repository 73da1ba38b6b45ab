/**
 * A process that is short of time or memory takes no more calls until it is well again.
 *
 * ```ts
 * import { loadShed } from '@hawser/middleware/load-shed'
 *
 * export const middleware = [loadShed({ maxLagMs: 200 })]
 * ```
 *
 * @module
 */
export { type LoadShedOptions, type LoadState, loadShed } from './load-shed.js'
export { loopLag } from './loop-lag.js'
