/**
 * A call that is slow to be answered is made a second time, and the first answer taken.
 *
 * ```ts
 * import { hedge } from '@hawser/middleware/hedge'
 *
 * export const middleware = [hedge({ percentile: 0.95 })]
 * ```
 *
 * @module
 */
export { type HedgeOptions, hedge } from './hedge.js'
