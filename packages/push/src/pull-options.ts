import type { Clock, Log, MethodType, RpcError, ServiceType, Type } from '@hawser/contract'

/** A client, as far as pulling goes: that of `@hawser/client` and that of `@hawser/client-lite` are ones. */
export interface PullClient {
  stub<M extends Record<string, MethodType>>(
    service: ServiceType<M>,
    address: string,
    options?: {
      readonly signal?: AbortSignal | undefined
      readonly headers?: Readonly<Record<string, string>>
    },
  ): object
}

/** How to subscribe again when a subscription is lost. It ends for good where the reason says that there is no use. */
export interface ReconnectPolicy {
  /** Milliseconds before the first new try. Default 200. */
  readonly firstMs?: number | undefined
  /** By which each further wait grows, until something arrives. Default 2. */
  readonly factor?: number | undefined
  /** Milliseconds before a try at the most. Default 30,000. */
  readonly maxMs?: number | undefined
  /** Share by which each wait varies. Default 0.2. */
  readonly jitter?: number | undefined
  /** Tries one after the other that nothing comes of, before giving up. Default: any number. */
  readonly attempts?: number | undefined
  /** Is told of each loss, and how long it waits before it tries again. */
  onLost?(error: RpcError, waitMs: number): void
}

/** What may be said of a subscription. */
export interface PullOptions {
  /** The type of messages, where the topic has one. Default: they are laid out by what they are. */
  readonly type?: Type | undefined
  readonly signal?: AbortSignal | undefined
  /** Keys [a-z0-9-_.]. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /**
   * Is told of messages that were published and did not come, before the one that came instead.
   * @param missed how many; Infinity where nobody knows, because the topic began anew
   */
  readonly onGap?: ((missed: number) => void) | undefined
  /** Subscribe again when the subscription is lost? Default: no. */
  readonly reconnect?: ReconnectPolicy | boolean | undefined
  /** Default: to the console. */
  readonly log?: Log | undefined
  /** For `reconnect`. Default: `systemClock()`. */
  readonly clock?: Clock | undefined
  /**
   * Report handles that were dropped without being closed, and callbacks that hold the loop for more than 50 ms? Default:
   * where `NODE_ENV` is `development`.
   */
  readonly development?: boolean | undefined
}

/** The same with a type, which says what is read. */
export interface TypedPullOptions<S extends Type> extends PullOptions {
  readonly type: S
}

/** A message with its place among all of its topic. */
export interface Pulled<T> {
  readonly number: number
  /** Messages before it that did not come; Infinity where nobody knows, because the topic began anew. */
  readonly missed: number
  readonly value: T
}
