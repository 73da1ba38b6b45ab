import type { MethodType, ServiceType } from '@hawser/contract'
import { type MethodCodecs, MethodLayout } from '@hawser/wire'
import type { Target, TypedTarget } from './client-call.js'
import { ItemsCall } from './items-call.js'
import { ItemsInput } from './items-input.js'
import type { CallOptions } from './options.js'
import { probe } from './remote.js'
import { callForValue } from './value-call.js'

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

/** Makes the stub of a service, given the target of each method. */
export function stubOf<M extends Record<string, MethodType>>(
  service: ServiceType<M>,
  targetOf: (method: string) => Target,
  options: CallOptions,
): Stub<M> {
  const entries = Object.entries(service.methods).map(
    ([key, type]) =>
      [key, stubMethod(typed(targetOf(`${service.name}/${key}`), type), type.kind, options)] as const,
  )
  return Object.freeze(Object.fromEntries(entries)) as Stub<M>
}

function typed(target: Target, type: MethodType): TypedTarget {
  return { ...target, layout: new MethodLayout(type), errors: type.errors }
}

function stubMethod(target: TypedTarget, kind: MethodType['kind'], options: CallOptions): unknown {
  const encode = kind === 'client-stream' || kind === 'duplex' ? encodeItems : encodeValue
  const call = (input: unknown): unknown =>
    kind === 'server-stream' || kind === 'duplex'
      ? new ItemsCall(target, kind, encode, input, options)
      : callForValue(target, kind, encode, input, options, false)
  return Object.assign(call, {
    with: (more: CallOptions) => stubMethod(target, kind, { ...options, ...more }),
    enabled: () => probe(target, options),
  })
}

function encodeValue({ input }: MethodCodecs, value: unknown): Uint8Array {
  return input.encode(value)
}

function encodeItems({ input }: MethodCodecs, items: unknown): ItemsInput {
  return new ItemsInput(items as ItemsIn<unknown>, input)
}
