import type { PeerInfo, RpcError } from '@hawser/contract'
import type { NoticeCodecs } from '@hawser/wire'
import type { ServerPeer } from './options.js'
import type { Session } from './session.js'

/** The other end of a session as users see it: what the session does with bytes, with values. */
export class SessionPeer implements ServerPeer {
  readonly id: string
  readonly closed: Promise<RpcError | undefined>
  readonly #session: Session
  readonly #notices: NoticeCodecs

  constructor(id: string, session: Session, notices: NoticeCodecs) {
    this.id = id
    this.closed = session.closed
    this.#session = session
    this.#notices = notices
  }

  get info(): PeerInfo {
    return this.#session.connection.peer
  }
  get codecs(): readonly string[] {
    return this.#session.codecs()
  }

  notify(type: string, message: unknown): boolean {
    const [name = ''] = this.codecs
    return this.#session.notify(type, name, this.#notices.of(type, name)!.encode(message))
  }

  close(): Promise<void> {
    return this.#session.close()
  }
}
