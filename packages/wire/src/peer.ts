import type { Handler, Peer, PeerInfo, RpcError, Session } from '@hawser/contract'
import type { NoticeCodecs } from './notice-codecs.js'

/** The other end of a session as users see it: what the session does with bytes, with values. */
export class SessionPeer implements Peer {
  readonly id: string
  readonly #session: Session
  readonly #notices: NoticeCodecs

  constructor(id: string, session: Session, notices: NoticeCodecs) {
    this.id = id
    this.#session = session
    this.#notices = notices
  }

  get info(): PeerInfo {
    return this.#session.connection.peer
  }
  get identity(): unknown {
    return this.#session.identity
  }
  get handler(): Handler {
    return this.#session.handler
  }
  get codecs(): readonly string[] {
    return this.#session.codecs
  }
  get closed(): Promise<RpcError | undefined> {
    return this.#session.closed
  }

  notify(type: string, message: unknown): boolean {
    const codec = this.#notices.pick(type, this.#session.codecs)
    return (
      codec !== undefined && this.#session.notify({ type, codec: codec.name, body: codec.encode(message) })
    )
  }

  close(): Promise<void> {
    return this.#session.close()
  }
}
