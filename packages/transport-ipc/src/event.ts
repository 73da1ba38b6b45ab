/** Why a connection was turned away, or not even seen; the closed set of what is counted. */
export type IpcEvent =
  /** The listener has as many connections as it may. */
  | 'ipc_drop_connections'
  /** Too many have not finished their handshake. */
  | 'ipc_drop_unauthenticated'
  /** The system could not hand over a connection, for want of file descriptors for example. */
  | 'ipc_accept_failed'
