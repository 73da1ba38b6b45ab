import type { Call } from '@hawser/contract'
import { outerOf } from '../outer.js'

// Kept beside the calls: what a call is says the contract, and who is behind it is known here alone.
const identities = new WeakMap<Call, unknown>()

/** Says who makes a call, for all that is further in. */
export function identify(call: Call, identity: unknown): void {
  identities.set(call, identity)
}

/**
 * Who makes a call: what `authenticate` found for the call itself, or else what the credential of its connection was found to
 * stand for. Undefined for nobody known.
 */
export function identityOf(call: Call): unknown {
  for (let each: Call | undefined = call; each; each = outerOf(each))
    if (identities.has(each)) return identities.get(each)
  return known(call.connection?.identity)
}

/** An identity, where it is one: a check that answers `false` or `null` has found nobody. */
export function known(identity: unknown): unknown {
  return identity === null || identity === false ? undefined : identity
}
