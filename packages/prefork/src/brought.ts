import type { Connection, PeerInfo } from '@hawser/contract'
import { ForwardedConnection } from '@hawser/wire'

/** A flow of bytes that another thread brings, as the connection it is there. */
export class BroughtConnection extends ForwardedConnection {
  readonly #peer: PeerInfo

  constructor(inner: Connection, peer: PeerInfo) {
    super(inner)
    this.#peer = peer
  }

  // What comes over the port are pieces of a stream, wherever it was cut.
  override get boundaries(): 'stream' {
    return 'stream'
  }
  override get peer(): PeerInfo {
    return this.#peer
  }
}

/** Passes bytes both ways until either connection ends; then ends the other in the same manner. */
export function relay(a: Connection, b: Connection): void {
  pass(a, b)
  pass(b, a)
}

function pass(from: Connection, to: Connection): void {
  from.start((bytes) => {
    if (to.send(bytes)) return
    from.pause()
    void to.drained().then(() => from.resume())
  })
  void from.closed.then((reason) => {
    if (reason) to.abort(reason)
    else void to.close()
  })
}
