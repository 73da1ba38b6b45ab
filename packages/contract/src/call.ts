import type { Cancellable } from './cancel.js'
import type { RpcError } from './error.js'
import type { PeerInfo } from './transport.js'

/** The five shapes of a call. Their order is their number on the wire, from 0. */
export type CallKind = 'unary' | 'client-stream' | 'server-stream' | 'duplex' | 'oneway'

/** Headers of a call or reply: keys [a-z0-9-_.], each once; values without CR, LF and NUL. */
export type Headers = ReadonlyMap<string, string>

/** The body of a call or a reply: bytes in the call's codec, or a sequence of such. */
export type Body = Uint8Array | AsyncIterable<Uint8Array>

/** Where the items of a {@link Feed} go: a stream of a connection, as a rule. */
export interface Outlet {
  /** Takes an item, always. False: it is full, and wants no further ones before the next {@link Flow.resume}. */
  item(bytes: Uint8Array): boolean
  /** No further items come. */
  ended(): void
  /** None come any more, and why. */
  failed(error: RpcError): void
}

/** A {@link Feed} on its way to its outlet. */
export interface Flow {
  /** The outlet takes items: from the first call of this on, until one finds it full. */
  resume(): void
  /** Nothing more is wanted. Idempotent; the outlet hears no more. */
  stop(): void
}

/**
 * Items that come when they come, for protocols to hand on without a promise each: what an outlet takes at once counts as
 * sent, what it does not waits with the feed. Whoever does not know it iterates it, one item at a time. Either is done
 * once.
 */
export interface Feed extends AsyncIterable<Uint8Array> {
  /** Begins, with a first {@link Flow.resume} still to come. The outlet may be told of an end before this returns. */
  flow(outlet: Outlet): Flow
}

/**
 * One call as middleware and handlers see it, the same on both sides. Its values are still bytes: the method, and with it
 * the type, is known only behind the last middleware.
 */
export interface Call extends Cancellable {
  /** `/path` or `package.Service/method`. */
  readonly method: string
  readonly kind: CallKind
  /** The name of the codec of every body of this call, but for a reply in the codec it `accepts`. */
  readonly codec: string
  /** The name of the codec that a reply is wanted in, where that is another one. */
  readonly accepts?: string | undefined
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
  /** The name of the codec of the output, where that is not the call's: then it is the one it `accepts`. */
  readonly codec?: string | undefined
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
