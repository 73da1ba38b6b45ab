import type { Acceptor, Middleware, PeerInfo, Protocol } from '@hawser/contract'
import type { ConnectionHooks, RuntimeOptions } from '@hawser/wire'

/** The strands of a server. */
export interface ServerOptions extends RuntimeOptions, ConnectionHooks {
  /** What can be listened on; the scheme of an address picks one. None for a server that is called in-process only. */
  readonly transports?: readonly Acceptor[] | undefined
  /** What listeners speak unless told otherwise. Default: `[native()]`. */
  readonly protocols?: readonly Protocol[] | undefined
  /** Around every call, the first outermost. */
  readonly middleware?: readonly Middleware[] | undefined
  /** Run handlers inside their call, so that code below finds it? Default true. */
  readonly context?: boolean | undefined
  /** Watch for handlers that hold the loop. Default: whether NODE_ENV is `development`. */
  readonly development?: boolean | undefined
  /** Checks the credential of a new connection: returns its identity, or throws an RpcError to refuse it. */
  authenticate?(credential: Uint8Array | undefined, peer: PeerInfo): unknown
}

/** How one address is served. */
export interface ListenOptions {
  /** What is spoken there; several are told apart by the first bytes. Default: the server's. */
  readonly protocols?: readonly Protocol[] | undefined
  readonly signal?: AbortSignal | undefined
}
