/**
 * One entry for each call: what was called, by whom, what became of it, and what it took.
 *
 * ```ts
 * import { accessLog } from '@hawser/middleware/access-log'
 *
 * export const middleware = [accessLog({ log: ({ message }) => console.log(message) })]
 * ```
 *
 * @module
 */
export { type AccessEntry, type AccessLogOptions, accessLog } from './access-log.js'
