/**
 * The sixteen canonical RPC status codes, with the numbers gRPC gives them, so that gRPC, Connect and HTTP mappings
 * are one-to-one. Source: https://grpc.github.io/grpc/core/md_doc_statuscodes.html
 */
export const codes = {
  cancelled: 1,
  unknown: 2,
  invalid_argument: 3,
  deadline_exceeded: 4,
  not_found: 5,
  already_exists: 6,
  permission_denied: 7,
  resource_exhausted: 8,
  failed_precondition: 9,
  aborted: 10,
  out_of_range: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  data_loss: 15,
  unauthenticated: 16,
} as const

/** One of the sixteen canonical codes, by name. */
export type Code = keyof typeof codes

/**
 * Why, more finely than the code: a closed list. The number is the one that travels; numbers are never reused, and a
 * receiver that does not know a number sees no reason at all.
 */
export const reasons = {
  /** The peer broke the framing rules of its protocol. */
  bad_frame: 1,
  /** A message, a header block or a name is over its limit. */
  too_large: 2,
  /** A value nests deeper, or has more nodes, than allowed. */
  too_deep: 3,
  /** Bytes that are no valid value, or a value that the codec cannot carry without loss. */
  bad_payload: 4,
  /** A version, feature or codec that the other side does not offer. */
  unsupported: 5,
  unauthenticated: 6,
  denied: 7,
  /** No method of that name is registered. */
  no_method: 8,
  /** A queue or a table is full. */
  overloaded: 9,
  deadline: 10,
  cancelled: 11,
  /** The peer does not read fast enough. */
  slow_consumer: 12,
  /** The peer repeats something that only abuse explains: cancel floods, ping floods, stray replies. */
  abuse: 13,
  /** The peer is going away and did not accept this call. */
  draining: 14,
  /** The connection ended before the answer came. */
  connection_lost: 15,
  internal: 16,
  /** The call waited in a queue past its limit. */
  queue_timeout: 17,
  /** The codec named by the frame is not one the receiver has. */
  no_codec: 18,
  /** Arguments that the method cannot take. */
  bad_arguments: 19,
  /** A handler threw something that is no RpcError. */
  handler_failed: 20,
  /** No connection could be made. */
  unreachable: 21,
  /** The handshake took too long. */
  handshake_timeout: 22,
  /** Closed for want of use. */
  idle: 23,
  /** Closed by this side's own close(). */
  closed: 24,
  /** A header's key, value or count is not allowed. */
  bad_header: 25,
  /** The method exists, but is of another call kind. */
  wrong_kind: 26,
  /** The peer stopped answering: no byte came within the keep-alive timeout. */
  silent: 27,
  /** The handler threw an error that its method declares; the details are its fields. */
  declared: 28,
  /** A circuit breaker makes no calls to the destination for a while. */
  circuit_open: 29,
} as const

/** One of the closed list of reasons, by name. */
export type Reason = keyof typeof reasons

/** The code of a number from the wire; undefined where there is none. */
export function codeOf(number: number): Code | undefined {
  return nameOf(codes, number)
}

/** The reason of a number from the wire; undefined where this version knows none. */
export function reasonOf(number: number): Reason | undefined {
  return nameOf(reasons, number)
}

function nameOf<K extends string>(table: Readonly<Record<K, number>>, number: number): K | undefined {
  for (const name in table) if (table[name] === number) return name
  return undefined
}
