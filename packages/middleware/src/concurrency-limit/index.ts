/**
 * So many calls at a time; the others wait, for a moment, or are refused.
 *
 * ```ts
 * import { concurrencyLimit, gradientLimit } from '@hawser/middleware/concurrency-limit'
 *
 * export const fixed = [concurrencyLimit({ limit: 64 })]
 * export const automatic = [gradientLimit()]
 * ```
 *
 * @module
 */
export { type ConcurrencyLimitOptions, concurrencyLimit } from './concurrency-limit.js'
export type { QueueOptions } from './gate.js'
export { type GradientLimitOptions, gradientLimit } from './gradient-limit.js'
