import { type Handler, type Notification, type Peer, type PeerInfo, RpcError } from '@hawser/contract'
import { Refusal, statusOf } from './status.js'

/** A peer that calls by another credential than the first of its connection: a proxy's connection carries many people's calls. */
export class Caller implements Peer {
  readonly identity: unknown
  readonly #peer: Peer

  constructor(peer: Peer, identity: unknown) {
    this.#peer = peer
    this.identity = identity
  }

  get id(): string {
    return this.#peer.id
  }
  get info(): PeerInfo {
    return this.#peer.info
  }
  get handler(): Handler {
    return this.#peer.handler
  }
  get codecs(): readonly string[] {
    return this.#peer.codecs
  }
  get closed(): Promise<RpcError | undefined> {
    return this.#peer.closed
  }
  notify(type: Notification['type'], message: unknown): boolean {
    return this.#peer.notify(type, message)
  }
  close(): Promise<void> {
    return this.#peer.close()
  }
}

const bearer = /^Bearer +([\w\-.~+/]+=*) *$/i

/** The token of an Authorization header, as a credential. */
export function credentialOf(authorization: string | undefined): Uint8Array | undefined {
  const token = authorization === undefined ? undefined : bearer.exec(authorization)?.[1]
  return token === undefined ? undefined : new TextEncoder().encode(token)
}

/** What those are told whose credential was refused: why is the log's to know, not a stranger's. */
export function refusedCredential(refusal: RpcError): Refusal {
  const status = statusOf(refusal)
  const told = new RpcError(refusal.code, 'The credential was refused', {
    reason: refusal.reason,
    executed: 'no',
  })
  return new Refusal(status === 403 || status === 503 ? status : 401, told)
}
