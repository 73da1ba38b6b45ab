import type { Type } from '@hawser/contract'
import type { PullClient, Pulled, PullOptions, TypedPullOptions } from './pull-options.js'
import { type PullCallback, Puller, Pulling } from './puller.js'
import { Subscription } from './subscription.js'

/** What is read of a type. */
type Read<S> = S extends Type<infer T, unknown> ? T : never

/** Asks for messages with their numbers. */
interface WithNumbers {
  readonly numbered: true
}
interface WithoutNumbers {
  readonly numbered?: false | undefined
}

/**
 * Subscribes to a topic: with a callback at once, otherwise when the first message is asked for. Nothing is done about a
 * lost subscription unless there is a `reconnect` policy: its error says by `retryable` whether another one makes sense.
 * @throws TypeError for a path that does not begin with `/`, or an address no transport takes
 */
export function pull<S extends Type>(
  client: PullClient,
  address: string,
  path: string,
  callback: PullCallback<Read<S>>,
  options: TypedPullOptions<S>,
): Puller
export function pull<T = unknown>(
  client: PullClient,
  address: string,
  path: string,
  callback: PullCallback<T>,
  options?: PullOptions,
): Puller
export function pull<S extends Type>(
  client: PullClient,
  address: string,
  path: string,
  options: TypedPullOptions<S> & WithNumbers,
): Pulling<Pulled<Read<S>>>
export function pull<S extends Type>(
  client: PullClient,
  address: string,
  path: string,
  options: TypedPullOptions<S> & WithoutNumbers,
): Pulling<Read<S>>
export function pull<T = unknown>(
  client: PullClient,
  address: string,
  path: string,
  options: PullOptions & WithNumbers,
): Pulling<Pulled<T>>
export function pull<T = unknown>(
  client: PullClient,
  address: string,
  path: string,
  options?: PullOptions & WithoutNumbers,
): Pulling<T>
export function pull(
  client: PullClient,
  address: string,
  path: string,
  second: PullCallback<never> | (PullOptions & { readonly numbered?: boolean | undefined }) = {},
  third: PullOptions = {},
): Pulling<unknown> | Puller {
  if (typeof second !== 'function')
    return new Pulling(new Subscription(client, address, path, second), second.numbered ?? false, second)
  const callback = second as PullCallback<unknown>
  return new Puller(new Subscription(client, address, path, third), callback, third)
}
