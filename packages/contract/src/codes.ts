// The number of a name is its place in its list, from 1 on. New ones go to the end.

const codeNames = [
  'cancelled',
  'unknown',
  'invalid_argument',
  'deadline_exceeded',
  'not_found',
  'already_exists',
  'permission_denied',
  'resource_exhausted',
  'failed_precondition',
  'aborted',
  'out_of_range',
  'unimplemented',
  'internal',
  'unavailable',
  'data_loss',
  'unauthenticated',
] as const

/** One of the sixteen canonical codes, by name. */
export type Code = (typeof codeNames)[number]

/**
 * The sixteen canonical RPC status codes, with the numbers gRPC gives them, so that gRPC, Connect and HTTP mappings
 * are one-to-one. Source: https://grpc.github.io/grpc/core/md_doc_statuscodes.html
 */
export const codes: Readonly<Record<Code, number>> = /* @__PURE__ */ numbered(codeNames)

const reasonNames = [
  /** The peer broke the framing rules of its protocol. */
  'bad_frame',
  /** A message, a header block or a name is over its limit. */
  'too_large',
  /** A value nests deeper, or has more nodes, than allowed. */
  'too_deep',
  /** Bytes that are no valid value, or a value that the codec cannot carry without loss. */
  'bad_payload',
  /** A version, feature or codec that the other side does not offer. */
  'unsupported',
  'unauthenticated',
  'denied',
  /** No method of that name is registered. */
  'no_method',
  /** A queue or a table is full. */
  'overloaded',
  'deadline',
  'cancelled',
  /** The peer does not read fast enough. */
  'slow_consumer',
  /** The peer repeats something that only abuse explains: cancel floods, ping floods, stray replies. */
  'abuse',
  /** The peer is going away and did not accept this call. */
  'draining',
  /** The connection ended before the answer came. */
  'connection_lost',
  'internal',
  /** The call waited in a queue past its limit. */
  'queue_timeout',
  /** The codec named by the frame is not one the receiver has. */
  'no_codec',
  /** Arguments that the method cannot take. */
  'bad_arguments',
  /** A handler threw something that is no RpcError. */
  'handler_failed',
  /** No connection could be made. */
  'unreachable',
  /** The handshake took too long. */
  'handshake_timeout',
  /** Closed for want of use. */
  'idle',
  /** Closed by this side's own close(). */
  'closed',
  /** A header's key, value or count is not allowed. */
  'bad_header',
  /** The method exists, but is of another call kind. */
  'wrong_kind',
  /** The peer stopped answering: no byte came within the keep-alive timeout. */
  'silent',
  /** The handler threw an error that its method declares; the details are its fields. */
  'declared',
  /** A circuit breaker makes no calls to the destination for a while. */
  'circuit_open',
] as const

/** One of the closed list of reasons, by name. */
export type Reason = (typeof reasonNames)[number]

/**
 * Why, more finely than the code: a closed list. The number is the one that travels; numbers are never reused, and a
 * receiver that does not know a number sees no reason at all.
 */
export const reasons: Readonly<Record<Reason, number>> = /* @__PURE__ */ numbered(reasonNames)

/** The code of a number from the wire; undefined where there is none. */
export function codeOf(number: number): Code | undefined {
  return codeNames[number - 1]
}

/** The reason of a number from the wire; undefined where this version knows none. */
export function reasonOf(number: number): Reason | undefined {
  return reasonNames[number - 1]
}

function numbered<N extends string>(names: readonly N[]): Readonly<Record<N, number>> {
  return Object.fromEntries(names.map((name, index) => [name, index + 1])) as Record<N, number>
}
