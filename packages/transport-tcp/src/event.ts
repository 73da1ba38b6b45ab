/** Why a connection was turned away, or not even seen; the closed set of what is counted. */
export type TcpEvent =
  /** The listener has as many connections as it may. */
  | 'tcp_drop_connections'
  /** One peer address has as many as it may. */
  | 'tcp_drop_peer'
  /** Too many have not finished their handshake. */
  | 'tcp_drop_unauthenticated'
  /** The system could not hand over a connection, for want of file descriptors for example. */
  | 'tcp_accept_failed'
  /** Where a connection may be encrypted or not: it has not begun in time. */
  | 'tcp_handshake_timeout'
  /** TLS came to nothing: a wrong certificate, something that is no TLS, or too slow. */
  | 'tls_handshake_failed'
