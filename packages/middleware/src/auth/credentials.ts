import { type Call, type Handler, type Middleware, type Reply, RpcError } from '@hawser/contract'
import { CallView } from '../call-view.js'
import { checkFunction } from '../options.js'
import { isPromise } from '../outcome.js'

/** How calls are given a credential. */
export interface CredentialsOptions {
  /** The header it goes in. Default `authorization`. */
  readonly header?: string | undefined
}

/**
 * Gives each call a credential, for the calling side: as a header of that call alone, which calls that a handler makes in turn do not
 * inherit. A call that has one keeps it.
 * @param credential asked for each call; undefined for none
 * @throws TypeError for a credential that is no function
 */
export function credentials(
  credential: (call: Call) => string | undefined | Promise<string | undefined>,
  { header = 'authorization' }: CredentialsOptions = {},
): Middleware {
  checkFunction('credential', credential)
  return (next) => (call) => {
    if (call.headers.has(header)) return next(call)
    let value: string | undefined | Promise<string | undefined>
    try {
      value = credential(call)
    } catch (error) {
      throw none(error)
    }
    if (!isPromise(value)) return next(withHeader(call, header, value))
    return value.then(
      (value) => continued(call, header, value, next),
      (error) => {
        throw none(error)
      },
    )
  }
}

function continued(
  call: Call,
  header: string,
  value: string | undefined,
  next: Handler,
): Reply | Promise<Reply> {
  if (call.cancelReason) throw RpcError.from(call.cancelReason).with({ executed: 'no' })
  return next(withHeader(call, header, value))
}

function withHeader(call: Call, header: string, value: string | undefined): Call {
  return value === undefined
    ? call
    : new CallView(call, { headers: new Map(call.headers).set(header, value) })
}

function none(error: unknown): RpcError {
  if (RpcError.is(error)) return error.with({ executed: 'no' })
  return new RpcError('unauthenticated', 'There is no credential to call with', {
    reason: 'unauthenticated',
    executed: 'no',
    cause: error,
  })
}

const encoder = new TextEncoder()

/** Are they the same? How long it takes to tell depends on how long what was presented is, and not on where they differ. */
export function sameCredential(presented: string | Uint8Array, expected: string | Uint8Array): boolean {
  const texts = typeof presented === 'string' && typeof expected === 'string'
  const a = texts ? presented : bytesOf(presented)
  const b = texts ? expected : bytesOf(expected)
  let difference = a.length ^ b.length
  for (let at = 0; at < a.length; at++)
    difference |= unit(a, at) ^ (b.length > 0 ? unit(b, at % b.length) : 0)
  return difference === 0
}

function unit(of: string | Uint8Array, at: number): number {
  return typeof of === 'string' ? of.charCodeAt(at) : of[at]!
}

function bytesOf(credential: string | Uint8Array): Uint8Array {
  return typeof credential === 'string' ? encoder.encode(credential) : credential
}
