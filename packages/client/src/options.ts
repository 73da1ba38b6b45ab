import type { Call, Dialer, Handler, Middleware, Protocol } from '@hawser/contract'
import type { ConnectionHooks, RuntimeOptions } from '@hawser/wire'

/** The strands of a client. */
export interface ClientOptions extends RuntimeOptions, ConnectionHooks {
  /** What can be dialled; the scheme of an address picks one. */
  readonly transports: readonly Dialer[]
  /** Default: `native()`. */
  readonly protocol?: Protocol | undefined
  /** Around every call, the first outermost. */
  readonly middleware?: readonly Middleware[] | undefined
  /** Take deadline, cancellation and trace from the call that the calling code runs for? Default true. */
  readonly context?: boolean | undefined
  /**
   * Keep connections that were once made alive: when one is lost, it is made anew, with growing waits, and calls made
   * meanwhile wait for it until their deadline. Default false: a lost connection is told by `onClose`, and the next call
   * dials.
   */
  readonly reconnect?: boolean | undefined
  /**
   * Make calls again that failed, where that is safe? Default true. False is for a client with the `retry` middleware, which
   * does. What was not run because its connection went away takes another connection in any case.
   */
  readonly retries?: boolean | undefined
  /** Answers the calls of servers, for example another server's `handler`. */
  readonly handler?: Handler | undefined
  /** Presented in the handshake of each connection. */
  credential?(): Uint8Array | undefined
}

/** What may be said of a call, apart from its arguments. */
export interface CallOptions {
  /**
   * Milliseconds from now to the deadline. Default: 5,000 for calls that end with one answer, none for those that stream
   * answers. A surrounding call's deadline holds in any case.
   */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Keys [a-z0-9-_.]. */
  readonly headers?: Readonly<Record<string, string>> | ReadonlyMap<string, string> | undefined
  /** May the method run twice for one call? Then a call whose fate is unknown is tried again. Default false. */
  readonly idempotent?: boolean | undefined
  /** The surrounding call, where it cannot be found by itself (browsers). */
  readonly parent?: Call | undefined
}
