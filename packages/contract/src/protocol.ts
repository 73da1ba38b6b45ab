import type { Call, Handler, Peer, ReplySink } from './call.js'
import type { Cancel } from './cancel.js'
import type { Clock, Timers } from './clock.js'
import type { Codec } from './codec.js'
import type { Directory } from './directory.js'
import type { RpcError } from './error.js'
import type { Limits } from './limits.js'
import type { Log } from './log.js'
import type { Connection, PeerInfo } from './transport.js'

/** A notification as it crossed the wire. */
export interface Notification {
  readonly type: string
  readonly codec: string
  readonly body: Uint8Array
}

/** A peer that speaks something else. */
export interface Stranger {
  /** What it began with. */
  readonly head: Uint8Array
  readonly error: RpcError
  /** What it should have spoken: names of protocols. None where it is to be told nothing. */
  readonly speaks: readonly string[]
}

/** What a protocol needs of its surroundings. One context serves all connections of a server or a client. */
export interface ProtocolContext {
  readonly limits: Limits
  readonly clock: Clock
  readonly timers: Timers
  /** Names of the codecs at hand, the preferred first. */
  readonly codecs: readonly string[]
  readonly log: Log
  /** The codec of a name in `codecs`, for protocols that carry values in forms of their own. */
  codec?(name: string): Codec | undefined
  /** The methods behind `handler`, where they are known. */
  readonly methods?: Directory | undefined
  /** Makes a further connection to where an opened one leads, for protocols that need several for what one carries elsewhere. */
  dial?(options?: Cancel): Promise<Connection>
  /** Counts an event under a name of a closed set: nothing that a peer chooses is part of it. */
  count(event: string): void
  /** Makes the other end as users see it. Called once per session, when its handshake is done or at first need. */
  peer(session: Session): Peer
  /** Answers the calls of the other side. Absent: each is refused with `unimplemented` / `no_method`. */
  readonly handler?: Handler | undefined
  /** Takes the notifications of the other side. Absent: they are dropped, and counted. */
  notified?(message: Notification, session: Session): void
  /** The credential to present; asked for anew at each connection. */
  credential?(): Uint8Array | undefined
  /**
   * Checks the credential of the other side. Returns its identity, or throws (or rejects with) an RpcError to refuse it.
   * Input waits for it.
   */
  authenticate?(credential: Uint8Array | undefined, peer: PeerInfo): unknown
  /**
   * Ends a connection that began with none of the protocol's own bytes, and may tell its peer what is spoken here. Absent: it is
   * aborted.
   */
  turnAway?(connection: Connection, stranger: Stranger): void
  /** The handshake is done. */
  opened?(session: Session): void
  /** The other side is going away: `session.open` is false from now on, though calls may still be answered. */
  leaving?(session: Session, reason: RpcError): void
}

/** A connection with a protocol on it. Whatever way it ends, every pending call settles. */
export interface Session extends AsyncDisposable {
  readonly connection: Connection
  /** The other end, as `context.peer` made it. */
  readonly peer: Peer
  readonly identity: unknown
  /** Calls to the other side. */
  readonly handler: Handler
  /** The same without a promise. The sink may be told before this returns. */
  begin(call: Call, sink: ReplySink): void
  /** Names of the codecs both sides have, the preferred first; this side's own list until the handshake is done. */
  readonly codecs: readonly string[]
  /** Resolves once, and never rejects, when the session and its connection have ended; undefined for a clean end. */
  readonly closed: Promise<RpcError | undefined>
  /** Whether further calls may be handed to it: false once either side is going away. */
  readonly open: boolean
  /** Calls of either side not yet ended. */
  readonly active: number
  /** See {@link Peer.notify}. */
  notify(message: Notification): boolean
  /** Takes no new calls, lets the running ones end, tells the peer, closes. The signal turns it into an abort. */
  close(options?: Cancel): Promise<void>
  abort(reason: RpcError): void
}

/** Lays calls out as messages. */
export interface Protocol {
  readonly name: string
  /** Do these first bytes of a connection belong to it? `more`: too few to tell. */
  sniff(head: Uint8Array): 'yes' | 'no' | 'more'
  /**
   * Drives the context's handler from an accepted connection.
   * @param since clock milliseconds at which its peer began to be waited for, where that was before: to find the protocol out
   */
  serve(connection: Connection, context: ProtocolContext, since?: number): Session
  /** Makes a dialled connection a handler. Calls may be handed to it at once. */
  open(connection: Connection, context: ProtocolContext): Session
}
