import { type MethodType, RpcError, type ServiceType } from '@hawser/contract'
import { callKinds, MethodLayout } from '@hawser/wire'
import { Call, type Target } from './call.js'
import type { Endpoint } from './endpoint.js'
import type { CallOptions } from './options.js'

/** What a caller of a stream gives: items, sent as fast as the other side takes them. */
export type ItemsIn<T> = AsyncIterable<T> | Iterable<T>

/** A stream of answers. Leaving its loop early cancels the call. */
export type ItemsOut<T> = AsyncIterableIterator<T, undefined> & AsyncDisposable

type MethodCall<M> =
  M extends MethodType<infer K, unknown, infer O, infer I, unknown>
    ? K extends 'unary'
      ? (request: I) => Promise<O>
      : K extends 'oneway'
        ? (request: I) => Promise<void>
        : K extends 'client-stream'
          ? (requests: ItemsIn<I>) => Promise<O>
          : K extends 'server-stream'
            ? (request: I) => ItemsOut<O>
            : (requests: ItemsIn<I>) => ItemsOut<O>
    : never

/** One method of a stub: called like a local function. */
export type StubMethod<M> = MethodCall<M> & {
  /** The same method with options for its calls. */
  with(options: CallOptions): StubMethod<M>
  /** Is it there, now? As {@link RemoteFunction.enabled}. */
  enabled(): Promise<boolean>
}

/** A service's methods, to be called. Like a remote function, it is a description only. */
export type Stub<M extends Record<string, MethodType>> = { readonly [K in keyof M]: StubMethod<M[K]> }

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
 * Makes a remote function.
 * @throws TypeError for a method that does not begin with /
 */
export function remoteFunction<F extends RemoteShape>(
  endpoint: Endpoint,
  method: string,
  { signature, ...options }: CallOptions & Partial<Signed>,
): RemoteFunction<F> {
  if (!method.startsWith('/'))
    throw new TypeError(`A method's name begins with /, unlike ${JSON.stringify(method)}`)
  const target = { endpoint, method, kind: 0, layout: new MethodLayout(signature), errors: signature?.errors }
  return callable(target, options, (args) => {
    // An argument left out at the end is one that is not given; elsewhere the codec says whether it can be told.
    let count = args.length
    while (count > 0 && args[count - 1] === undefined) count--
    return args.slice(0, count)
  }) as RemoteFunction<F>
}

/** Makes the stub of a service. */
export function stubOf<M extends Record<string, MethodType>>(
  service: ServiceType<M>,
  endpoint: Endpoint,
  options: CallOptions,
): Stub<M> {
  const methods = Object.entries(service.methods).map(([key, type]) => {
    const method = `${service.name}/${key}`
    const target = {
      endpoint,
      method,
      kind: callKinds.indexOf(type.kind),
      layout: new MethodLayout(type),
      errors: type.errors,
    }
    return [key, callable(target, options, ([input]) => input)]
  })
  return Object.freeze(Object.fromEntries(methods)) as Stub<M>
}

interface Callable {
  (...args: unknown[]): unknown
  with(options: CallOptions): Callable
  enabled(): Promise<boolean>
}

// A function with its two methods, for the options it has and for those it may be given.
function callable(target: Target, options: CallOptions, inputOf: (args: unknown[]) => unknown): Callable {
  const call = (...args: unknown[]): unknown =>
    target.kind & 2
      ? new Call(target, inputOf(args), options).inflow
      : settled(target, inputOf(args), options)
  return Object.assign(call, {
    with: (more: CallOptions) => callable(target, { ...options, ...more }, inputOf),
    enabled: () => asked(target, options),
  })
}

function settled(target: Target, input: unknown, options: CallOptions, probe = false): Promise<unknown> {
  return new Promise((resolve, reject) => {
    new Call(target, input, options, { resolve, reject }, probe).begin()
  })
}

// Asks whether a method is there.
async function asked(target: Target, options: CallOptions): Promise<boolean> {
  try {
    await settled({ ...target, kind: 0 }, undefined, { ...options, idempotent: true }, true)
    return true
  } catch (error) {
    if (!RpcError.is(error)) throw error
    const { code, reason } = error
    if (reason === 'no_method' || reason === 'wrong_kind' || code === 'unavailable') return false
    throw error
  }
}
