import { type PeerInfo, type ProtocolContext, RpcError } from '@hawser/contract'
import { checkCredential } from '@hawser/wire'
import { credentialOf } from './caller.js'

/** Whose requests they are. */
export interface Identified {
  readonly context: ProtocolContext
  readonly connection: { readonly peer: PeerInfo }
  /** Those that come from now on are this one's. */
  identified(identity: unknown): void
}

/** Finds out who calls over one connection: once, as long as its requests say the same. */
export class Identification {
  readonly #owner: Identified
  #timer: unknown
  // The header that was found to be the caller's own; null where none was looked at yet.
  #authorization: string | undefined | null = null

  constructor(owner: Identified) {
    this.#owner = owner
  }

  /** @param then called with why the credential is refused; in this turn, where nothing has to be found out */
  find(authorization: string | undefined, then: (refusal?: RpcError) => void): void {
    const { context, connection } = this.#owner
    const { authenticate, clock, limits } = context
    if (!authenticate || this.#authorization === authorization) {
      then()
      return
    }
    let late = false
    this.#timer = clock.timer(limits.handshakeMs, () => {
      late = true
      context.count('call_unauthenticated')
      then(uncheckedInTime())
    })
    checkCredential(authenticate, credentialOf(authorization), connection.peer).then(
      (identity) => {
        this.end()
        if (late) return
        this.#authorization = authorization
        this.#owner.identified(identity)
        then()
      },
      (refusal: RpcError) => {
        this.end()
        if (late) return
        context.count('call_unauthenticated')
        then(refusal)
      },
    )
  }

  /** The connection has ended. */
  end(): void {
    this.#owner.context.clock.clear(this.#timer)
  }
}

function uncheckedInTime(): RpcError {
  return new RpcError('unavailable', 'The credential could not be checked in time', {
    reason: 'handshake_timeout',
    executed: 'no',
  })
}
