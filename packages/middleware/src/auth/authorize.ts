import { type Call, type Middleware, type Reply, RpcError } from '@hawser/contract'
import { isPromise } from '../outcome.js'
import { unauthenticated } from './authenticate.js'
import { identityOf } from './identity.js'

/** Who may call: `anyone`, `known` for all who have an identity, or what says so of each call. */
export type Policy = 'anyone' | 'known' | ((identity: unknown, call: Call) => boolean | Promise<boolean>)

/** Who may call what. */
export interface AuthorizeOptions {
  /**
   * By method, `package.Service/method` or `/path`, or by all below one: `package.Service/*`, `/path/*`, `*`. The longest that fits
   * holds, and what none fits is denied.
   */
  readonly policies: Readonly<Record<string, Policy>>
}

/**
 * Lets calls in that their method's policy lets in: all others are refused, unrun, with `unauthenticated` where nobody is known to
 * call and with `permission_denied` otherwise. Whether there is such a method makes no difference.
 *
 * @throws TypeError for no policies at all, or one that is none
 */
export function authorize({ policies }: AuthorizeOptions): Middleware {
  const rules = new Map(Object.entries(policies))
  if (rules.size === 0) throw new TypeError('authorize needs at least one policy')
  for (const [name, policy] of rules) check(name, policy)
  return (next) => (call) => {
    const policy = policyOf(rules, call.method)
    const identity = identityOf(call)
    const enter = (allowed: boolean): Reply | Promise<Reply> => {
      // Nothing but true will do: what a policy forgot to return is no yes.
      if (allowed !== true) throw denied(identity)
      if (call.cancelReason) throw RpcError.from(call.cancelReason).with({ executed: 'no' })
      return next(call)
    }
    if (policy === 'anyone') return enter(true)
    if (policy === 'known' || policy === undefined)
      return enter(policy !== undefined && identity !== undefined)
    let allowed: boolean | Promise<boolean>
    try {
      allowed = policy(identity, call)
    } catch (error) {
      throw unjudged(error)
    }
    if (!isPromise(allowed)) return enter(allowed)
    return allowed.then(enter, (error) => {
      throw unjudged(error)
    })
  }
}

function policyOf(rules: ReadonlyMap<string, Policy>, method: string): Policy | undefined {
  const exact = rules.get(method)
  if (exact) return exact
  for (let at = method.lastIndexOf('/'); at >= 0; at = at === 0 ? -1 : method.lastIndexOf('/', at - 1)) {
    const policy = rules.get(`${method.slice(0, at)}/*`)
    if (policy) return policy
  }
  return rules.get('*')
}

function check(name: string, policy: unknown): void {
  const star = name.indexOf('*')
  if (star >= 0 && name !== '*' && (star !== name.length - 1 || !name.endsWith('/*')))
    throw new TypeError(`${name} is no pattern: a * stands alone, or for all that follows a /`)
  if (policy !== 'anyone' && policy !== 'known' && typeof policy !== 'function')
    throw new TypeError(`The policy of ${name} is none`)
}

function denied(identity: unknown): RpcError {
  if (identity === undefined) return unauthenticated('The call needs a credential')
  return new RpcError('permission_denied', 'The caller may not call this', {
    reason: 'denied',
    executed: 'no',
  })
}

function unjudged(error: unknown): RpcError {
  if (RpcError.is(error)) return error.with({ executed: 'no' })
  return new RpcError('permission_denied', 'The call could not be judged', {
    reason: 'denied',
    executed: 'no',
    cause: error,
  })
}
