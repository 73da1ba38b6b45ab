import type { Call, MethodType } from '@hawser/contract'

/** What a handler of a stream returns: items, made as they are asked for. */
export type Items<T> = AsyncIterable<T> | Iterable<T>

/** The function that handles one method of a service. */
export type MethodHandler<M> =
  M extends MethodType<infer K, infer I, unknown, unknown, infer O>
    ? K extends 'unary'
      ? (request: I, call: Call) => O | Promise<O>
      : K extends 'oneway'
        ? (request: I, call: Call) => void | Promise<void>
        : K extends 'client-stream'
          ? (requests: AsyncIterable<I>, call: Call) => O | Promise<O>
          : K extends 'server-stream'
            ? (request: I, call: Call) => Items<O>
            : (requests: AsyncIterable<I>, call: Call) => Items<O>
    : never

/** One handler for each method of a service. */
export type ServiceHandlers<M extends Record<string, MethodType>> = {
  readonly [K in keyof M]: MethodHandler<M[K]>
}

/** A function that can be registered as it is: it takes the arguments of the call and returns its result. */
// biome-ignore lint/suspicious/noExplicitAny: any function will do, and its parameters are checked where it is called
export type RpcFunction = (...args: any[]) => unknown
