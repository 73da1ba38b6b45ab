import type { Connection, Peer, ProtocolContext, Session } from '@hawser/contract'
import type { ServedCall, ServedCallParts, ServedSink } from '@hawser/wire'
import type { HttpSettings } from './options.js'

/** What an HTTP connection becomes after an upgrade, as far as the session has to know. */
export interface Upgraded {
  /** The session closes: say goodbye, and end the socket once the calls have ended. Called once, if at all. */
  leave(): void
}

/** The session of an HTTP connection, as those see it that take the connection over. */
export interface HttpHost {
  readonly connection: Connection
  readonly context: ProtocolContext
  readonly settings: HttpSettings
  /** Who calls, with the identity that the request's credential was found to stand for. */
  readonly peer: Peer
  /** Has a call answered: counted, limited, and cancelled with the connection. */
  call(parts: ServedCallParts, sink: ServedSink): ServedCall
  /** All is said: the connection ends soon, whatever its peer does. */
  parting(): void
  /** From now on the connection is somebody else's; the watch over slow requests ends. To be called once, if at all. */
  upgraded(to: Upgraded): void
  /** A session of another protocol goes on in this connection's place: closing and ending are its matter. */
  continued(session: Session): void
  /** Ends the connection for a fault of the peer's: counted and logged. */
  broke(message: string): void
}
