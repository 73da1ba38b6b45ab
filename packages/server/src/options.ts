import type {
  Acceptor,
  Clock,
  Codec,
  Limits,
  Log,
  Middleware,
  Peer,
  PeerInfo,
  Protocol,
  RpcError,
} from '@hawser/contract'

/** The strands of a server. */
export interface ServerOptions {
  /** What can be listened on; the scheme of an address picks one. None for a server that is called in-process only. */
  readonly transports?: readonly Acceptor[] | undefined
  /** The preferred first. At least one. */
  readonly codecs: readonly Codec[]
  /** What listeners speak unless told otherwise. Default: `[native()]`. */
  readonly protocols?: readonly Protocol[] | undefined
  /** Around every call, the first outermost. */
  readonly middleware?: readonly Middleware[] | undefined
  /** Changes to the default limits. */
  readonly limits?: Partial<Limits> | undefined
  readonly clock?: Clock | undefined
  /** Default: warnings and errors to the console. */
  readonly log?: Log | undefined
  /** Run handlers inside their call, so that code below finds it? Default true. */
  readonly context?: boolean | undefined
  /** Watch for handlers that hold the loop. Default: whether NODE_ENV is `development`. */
  readonly development?: boolean | undefined
  /** Checks the credential of a new connection: returns its identity, or throws an RpcError to refuse it. */
  authenticate?(credential: Uint8Array | undefined, peer: PeerInfo): unknown
  onConnect?(connection: Peer): void | Promise<void>
  /** @param reason why it ended, and by its `retryable` whether the peer may come back; undefined for a clean end */
  onClose?(connection: Peer, reason: RpcError | undefined): void | Promise<void>
  /** Takes the notifications of clients. */
  onNotify?(type: string, message: unknown, connection: Peer): void | Promise<void>
}

/** How one address is served. */
export interface ListenOptions {
  /** What is spoken there; several are told apart by the first bytes. Default: the server's. */
  readonly protocols?: readonly Protocol[] | undefined
  readonly signal?: AbortSignal | undefined
}
