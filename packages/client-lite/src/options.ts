import type { Clock, Codec, Dialer, Limits, Log, Peer, RpcError, Type } from '@hawser/contract'

/** The other end of a connection, for as long as it lives and after: it is not called from here. */
export type ServerPeer = Omit<Peer, 'handler' | 'identity'>

/** The strands of a client. */
export interface ClientOptions {
  /** What can be dialled; the scheme of an address picks one. */
  readonly transports: readonly Dialer[]
  /** The preferred first. At least one. */
  readonly codecs: readonly Codec[]
  /** Changes to the default limits. */
  readonly limits?: Partial<Limits> | undefined
  /** Default: `systemClock()`. */
  readonly clock?: Clock | undefined
  /** Default: to the console. */
  readonly log?: Log | undefined
  /** The types of notifications, by name. One without a type is laid out by what it is, which some codecs cannot. */
  readonly notices?: Readonly<Record<string, Type>> | undefined
  /**
   * Keep connections that were once made alive: when one is lost, it is made anew, with growing waits, and calls made
   * meanwhile wait for it until their deadline. Default false: a lost connection is told by `onClose`, and the next call
   * dials.
   */
  readonly reconnect?: boolean | undefined
  /** Presented in the handshake of each connection. */
  credential?(): Uint8Array | undefined
  /** The handshake is done. */
  onConnect?(connection: ServerPeer): void | Promise<void>
  /**
   * A connection that `onConnect` told of has ended.
   * @param reason undefined where this side closed it, and all went well
   */
  onClose?(connection: ServerPeer, reason: RpcError | undefined): void | Promise<void>
  /** Takes the notifications of the other side. Without it they are dropped. */
  onNotify?(type: string, message: unknown, connection: ServerPeer): void | Promise<void>
}

/** What may be said of a call, apart from its arguments. */
export interface CallOptions {
  /**
   * Milliseconds from now to the deadline. Default: 5,000 for calls that end with one answer, none for those that stream
   * answers.
   */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Keys [a-z0-9-_.]. */
  readonly headers?: Readonly<Record<string, string>> | ReadonlyMap<string, string> | undefined
  /** May the method run twice for one call? Then one whose connection was lost is made again. Default false. */
  readonly idempotent?: boolean | undefined
}
