import type { Peer, RpcError } from '@hawser/contract'

interface PeerWait {
  found(peer: Peer): void
  failed(reason: unknown): void
}

/** Those who wait for a connection itself, rather than for a call. */
export class PeerWaits {
  readonly #waits = new Set<PeerWait>()

  get size(): number {
    return this.#waits.size
  }

  wait(signal: AbortSignal | undefined): Promise<Peer> {
    return new Promise((resolve, reject) => {
      const aborted = () => wait.failed(signal?.reason)
      const over = () => {
        signal?.removeEventListener('abort', aborted)
        this.#waits.delete(wait)
      }
      const wait: PeerWait = {
        found(peer) {
          over()
          resolve(peer)
        },
        failed(reason) {
          over()
          reject(reason)
        },
      }
      signal?.addEventListener('abort', aborted, { once: true })
      this.#waits.add(wait)
    })
  }

  found(peer: Peer): void {
    for (const wait of [...this.#waits]) wait.found(peer)
  }

  failed(error: RpcError): void {
    for (const wait of [...this.#waits]) wait.failed(error)
  }
}
