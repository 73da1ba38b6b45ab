/** Why a connection was turned away, or not even seen; the closed set of what is counted. */
export type WsEvent =
  /** The listener has as many connections as it may. */
  | 'ws_drop_connections'
  /** One peer address has as many as it may. */
  | 'ws_drop_peer'
  /** Too many have not finished their handshake. */
  | 'ws_drop_unauthenticated'
  /** The system could not hand over a connection, for want of file descriptors for example. */
  | 'ws_accept_failed'
  /** A page of an origin that is not allowed. */
  | 'ws_refused_origin'
  /** A request that is no WebSocket of this listener: another path, no upgrade, no common sub-protocol, malformed. */
  | 'ws_refused_request'
  /** It took too long, or ended before it became a WebSocket. */
  | 'ws_handshake_failed'
  /** TLS came to nothing: a wrong certificate, something that is no TLS, or too slow. */
  | 'tls_handshake_failed'
