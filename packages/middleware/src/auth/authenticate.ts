import { type Call, type Handler, type Middleware, type Reply, RpcError } from '@hawser/contract'
import { CallView } from '../call-view.js'
import { checkFunction } from '../options.js'
import { isPromise } from '../outcome.js'
import { identify, identityOf, known } from './identity.js'

/** How it is found who calls. */
export interface AuthenticateOptions {
  /**
   * Who a credential stands for; `undefined`, `null` or `false`, or an error thrown, for nobody.
   * @param credential the value of the header
   */
  verify(credential: string, call: Call): unknown
  /** The header it comes in. Default `authorization`. */
  readonly header?: string | undefined
  /** Let calls without a credential in? For `authorize` to judge. Default false. */
  readonly anonymous?: boolean | undefined
}

/**
 * Finds out who makes each call, from a header of it; where it has none, the identity of its connection stands. What is further in
 * asks `identityOf(call)`. The header goes no further, so that it is not passed on with calls that are forwarded. Refuses with
 * `unauthenticated`, executed: no.
 * @throws TypeError where there is nothing to verify with
 */
export function authenticate(options: AuthenticateOptions): Middleware {
  const { header = 'authorization', anonymous = false } = options
  checkFunction('verify', options.verify)
  return (next) => (call) => {
    const credential = call.headers.get(header)
    if (credential === undefined) {
      if (!anonymous && identityOf(call) === undefined) throw unauthenticated('The call has no credential')
      return next(call)
    }
    const enter = (identity: unknown) => admitted(call, identity, header, next)
    let identity: unknown
    try {
      identity = options.verify(credential, call)
    } catch (error) {
      throw refusal(error)
    }
    if (!isPromise(identity)) return enter(identity)
    return identity.then(enter, (error) => {
      throw refusal(error)
    })
  }
}

function admitted(call: Call, identity: unknown, header: string, next: Handler): Reply | Promise<Reply> {
  if (known(identity) === undefined) throw unauthenticated('The credential is not valid')
  // It may have ended while the credential was checked.
  if (call.cancelReason) throw RpcError.from(call.cancelReason).with({ executed: 'no' })
  const headers = new Map(call.headers)
  headers.delete(header)
  const inner = new CallView(call, { headers })
  identify(inner, identity)
  return next(inner)
}

function refusal(error: unknown): RpcError {
  if (RpcError.is(error)) return error.with({ executed: 'no' })
  return unauthenticated('The credential could not be checked', error)
}

/** What a call fails with whose caller is not known. */
export function unauthenticated(message: string, cause?: unknown): RpcError {
  return new RpcError('unauthenticated', message, { reason: 'unauthenticated', executed: 'no', cause })
}
