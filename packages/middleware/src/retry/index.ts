/**
 * A call that failed is made again, where that is safe and there is a budget for it.
 *
 * ```ts
 * import { retry } from '@hawser/middleware/retry'
 *
 * export const middleware = [retry({ attempts: 3, perAttemptMs: 500 })]
 * ```
 *
 * @module
 */
export { RetryBudget } from '@hawser/wire'
export { type RetryOptions, retry, retryBudget } from './retry.js'
