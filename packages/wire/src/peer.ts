import type { Codec, Handler, Peer, PeerInfo, RpcError, Session } from '@hawser/contract'

/** The other end of a session as users see it: what the session does with bytes, with values. */
export class SessionPeer implements Peer {
  readonly id: string
  readonly #session: Session
  readonly #codecs: ReadonlyMap<string, Codec>

  constructor(id: string, session: Session, codecs: ReadonlyMap<string, Codec>) {
    this.id = id
    this.#session = session
    this.#codecs = codecs
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
    const name = this.#session.codecs[0]
    const codec = name === undefined ? undefined : this.#codecs.get(name)
    return (
      codec !== undefined && this.#session.notify({ type, codec: codec.name, body: codec.encode(message) })
    )
  }

  close(): Promise<void> {
    return this.#session.close()
  }
}
