import { type MethodType, RpcError, type Type } from '@hawser/contract'
import { type MethodCodecs, MethodLayout } from '@hawser/wire'
import type { Target, TypedTarget } from './client-call.js'
import type { CallOptions } from './options.js'
import { callForValue } from './value-call.js'

/** The shape of a function that is called remotely. */
// biome-ignore lint/suspicious/noExplicitAny: any function will do, and its parameters are checked where it is called
export type RemoteShape = (...args: any[]) => unknown

/**
 * A function that runs elsewhere. It is a description: making one does no I/O, and no call influences another. Calling it
 * resolves to what the function returns, and rejects with an RpcError.
 */
export interface RemoteFunction<F extends RemoteShape> {
  (...args: Parameters<F>): Promise<Awaited<ReturnType<F>>>
  /** The same function with options for its calls, added to those it has. */
  with(options: CallOptions): RemoteFunction<F>
  /**
   * Is it there, now? Asks without running it. False when the other side cannot be reached or has no such method; rejects
   * when the question was not answered: refused, cancelled, out of time.
   */
  enabled(): Promise<boolean>
}

/** What says of which types a function's parameters and its result are. */
export interface Signed<W = unknown, O = unknown> {
  /** Made by `signature` of `@hawser/schema`. */
  readonly signature: MethodType<'unary', unknown, O, W, unknown>
}

/**
 * Makes a remote function of a target.
 * @throws TypeError for a method that does not begin with /, and for a signature that is none
 */
export function remoteFunction<F extends RemoteShape>(
  target: Target,
  { signature, ...options }: CallOptions & Partial<Signed>,
): RemoteFunction<F> {
  if (!target.method.startsWith('/'))
    throw new TypeError(`A remote function's name begins with /, unlike ${JSON.stringify(target.method)}`)
  if (signature && (signature.input as Type | undefined)?.kind !== 'tuple')
    throw new TypeError(`The types of ${target.method} are no signature`)
  const typed = { ...target, layout: new MethodLayout(signature), errors: signature?.errors }
  return callable(typed, options)
}

function callable<F extends RemoteShape>(target: TypedTarget, options: CallOptions): RemoteFunction<F> {
  const call = (...args: unknown[]) => callForValue(target, 'unary', encodeArguments, args, options, false)
  return Object.assign(call, {
    with: (more: CallOptions) => callable<F>(target, { ...options, ...more }),
    enabled: () => probe(target, options),
  }) as RemoteFunction<F>
}

/** Asks whether a method is there. */
export async function probe(target: Target, options: CallOptions): Promise<boolean> {
  // The question carries no value: whichever codec there is will do.
  const asked = { ...target, layout: new MethodLayout({}), errors: undefined }
  try {
    await callForValue(asked, 'unary', encodeNothing, undefined, { ...options, idempotent: true }, true)
    return true
  } catch (error) {
    if (!RpcError.is(error)) throw error
    const { code, reason } = error
    const absent = reason === 'no_method' || reason === 'wrong_kind' || code === 'unavailable'
    if (absent) return false
    throw error
  }
}

const nothing = new Uint8Array(0)

function encodeNothing(): Uint8Array {
  return nothing
}

function encodeArguments({ input: codec }: MethodCodecs, input: unknown): Uint8Array {
  const args = input as unknown[]
  // An argument left out at the end is one that is not given; elsewhere the codec says whether it can be told.
  let count = args.length
  while (count > 0 && args[count - 1] === undefined) count--
  return codec.encode(count === args.length ? args : args.slice(0, count))
}
