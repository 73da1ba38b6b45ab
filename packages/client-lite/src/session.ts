import type { Clock, Connection, RpcError } from '@hawser/contract'
import type { ClientLimits } from './limits.js'
import type { Outgoing } from './outgoing.js'

/** What a session needs of its surroundings. */
export interface SessionOwner {
  readonly limits: ClientLimits
  readonly clock: Clock
  /** Names of the codecs at hand, the preferred first. */
  readonly codecs: readonly string[]
  credential?(): Uint8Array | undefined
  /** The handshake is done. */
  opened(session: Session): void
  /** The other side is going away: no more calls are sent, though those that were may still be answered. */
  leaving(session: Session, reason: RpcError): void
  /** There may be room for calls that wait. */
  freed(session: Session): void
  notified(type: string, codec: string, body: Uint8Array, session: Session): void
  /** The connection cannot go on, and why. */
  faulty(reason: RpcError, session: Session): void
}

/** One connection speaking hawser/1, on the side that dialled. Whatever way it ends, every call that was sent settles. */
export interface Session {
  readonly connection: Connection
  /** Resolves once, and never rejects, when the connection has ended; undefined for a clean end. */
  readonly closed: Promise<RpcError | undefined>
  /** Is the handshake done? */
  greeted(): boolean
  /** May further calls be handed to it? False once either side is going away. */
  open(): boolean
  /** Names of the codecs both sides have, the preferred first; of all, until the handshake is done. */
  codecs(): readonly string[]
  /** Calls without their final answer. */
  active(): number
  /** May a call be sent now? Else it has to wait until something is `freed`. */
  fits(call: Outgoing): boolean
  /** Sends a call that fits, or fails it where that can never be. */
  send(call: Outgoing): void
  /** A call that was sent is over for its caller; the other side is told, and keeps its place until it answers. */
  cancel(call: Outgoing, reason: RpcError): void
  /** The consumer of a call's answers takes so many bytes more. */
  grant(call: Outgoing, bytes: number): void
  /**
   * False when the connection has ended, or its write queue is full: the message was not sent.
   * @throws RpcError `too_large`; TypeError for a type name that is none
   */
  notify(type: string, codec: string, body: Uint8Array): boolean
  /** Takes no new calls, lets the running ones end, tells the other side, closes. */
  close(): Promise<void>
  abort(reason: RpcError): void
}
