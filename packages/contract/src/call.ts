import type { Cancellable } from './cancel.js'
import type { RpcError } from './error.js'
import type { PeerInfo } from './transport.js'

/** The five shapes of a call. Their order is their number on the wire, from 0. */
export type CallKind = 'unary' | 'client-stream' | 'server-stream' | 'duplex' | 'oneway'

/** Headers of a call or reply: keys [a-z0-9-_.], each once; values without CR, LF and NUL. */
export type Headers = ReadonlyMap<string, string>

/** The body of a call or a reply: bytes in the call's codec, or a sequence of such. */
export type Body = Uint8Array | AsyncIterable<Uint8Array>

/**
 * One call as middleware and handlers see it, the same on both sides. Its values are still bytes: the method, and with it
 * the type, is known only behind the last middleware.
 */
export interface Call extends Cancellable {
  /** `/path` or `package.Service/method`. */
  readonly method: string
  readonly kind: CallKind
  /** The name of the codec of every body of this call. */
  readonly codec: string
  readonly headers: Headers
  /** Clock milliseconds; Infinity for none. Covers queueing, retries and decoding. */
  readonly deadline: number
  /** The connection the call came in by; absent on the calling side and in-process. */
  readonly connection?: Peer | undefined
  /** Bytes, or for `client-stream` and `duplex` the items. */
  readonly input: Body
  /** Only asks whether the method exists: answered with an empty reply, and never run. */
  readonly probe: boolean
  /** May it run twice? Said by callers that know; then a call whose fate is unknown may be tried again. */
  readonly idempotent?: boolean | undefined
}

/** What a call was answered with. Errors are thrown, as RpcError. */
export interface Reply {
  readonly headers?: Headers | undefined
  /** Bytes, or for `server-stream` and `duplex` the items. Empty for `oneway`. */
  readonly output: Body
}

/** Takes the outcome of one call: one of its methods is called, once. What {@link Handler} says with a promise, without one. */
export interface ReplySink {
  replied(reply: Reply): void
  failed(error: RpcError): void
}

/**
 * The neutral middle: a server is one made of methods, a client one made of connections. An error's `details` are bytes
 * in the call's codec here.
 */
export type Handler = (call: Call) => Reply | Promise<Reply>

/** Wraps a handler. Of a list, the first is outermost. */
export type Middleware = (next: Handler) => Handler

/** The other end of a connection, for as long as it lives and after. */
export interface Peer {
  /** Unique in this process, never reused. */
  readonly id: string
  readonly info: PeerInfo
  /** What the credential of the hello was found to stand for; undefined where none was asked for. */
  readonly identity: unknown
  /** Calls to the other side. */
  readonly handler: Handler
  /** Names of the codecs both sides have, the preferred first. */
  readonly codecs: readonly string[]
  /** Resolves once, and never rejects, with why the connection ended; undefined for a clean end. */
  readonly closed: Promise<RpcError | undefined>
  /**
   * Sends a message without an answer, in order with this side's other messages. False when the connection has ended or
   * its write queue is full: the message was not sent.
   * @param type the message's type name, at most 256 bytes
   */
  notify(type: string, message: unknown): boolean
  /** Lets running calls end, then closes. */
  close(): Promise<void>
}
