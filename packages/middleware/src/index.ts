/**
 * What can be done around every call: each a function from handler to handler, the same for servers and clients.
 *
 * ```ts
 * import { accessLog, authenticate, authorize, concurrencyLimit, loadShed, retry, sameCredential, timeout } from '@hawser/middleware'
 *
 * const verify = (credential: string) => (sameCredential(credential, 'Bearer s3cret') ? { name: 'ada' } : undefined)
 *
 * export const ofAServer = [
 *   accessLog({ log: ({ message }) => console.log(message) }),
 *   loadShed({ maxLagMs: 200 }),
 *   authenticate({ verify, anonymous: true }),
 *   authorize({ policies: { '/status': 'anyone', 'bank.Accounts/*': 'known' } }),
 *   timeout({ ms: 2_000 }),
 *   concurrencyLimit({ limit: 64 }),
 * ]
 * export const ofAClient = [timeout({ ms: 2_000 }), retry({ perAttemptMs: 500 })]
 * ```
 *
 * @module
 */
export * from './access-log/index.js'
export * from './auth/index.js'
export * from './circuit-breaker/index.js'
export * from './concurrency-limit/index.js'
export * from './hedge/index.js'
export * from './load-shed/index.js'
export type { CommonOptions } from './options.js'
export * from './retry/index.js'
export * from './timeout/index.js'
