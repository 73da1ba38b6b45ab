/**
 * Who calls, and what they may call.
 *
 * ```ts
 * import { authenticate, authorize, sameCredential } from '@hawser/middleware/auth'
 *
 * const verify = (credential: string) => (sameCredential(credential, 'Bearer s3cret') ? { name: 'ada' } : undefined)
 *
 * export const middleware = [
 *   authenticate({ verify }),
 *   authorize({ policies: { '/status': 'anyone', 'bank.Accounts/*': 'known' } }),
 * ]
 * ```
 *
 * @module
 */
export { type AuthenticateOptions, authenticate } from './authenticate.js'
export { type AuthorizeOptions, authorize, type Policy } from './authorize.js'
export { type CredentialsOptions, credentials, sameCredential } from './credentials.js'
export { identityOf } from './identity.js'
