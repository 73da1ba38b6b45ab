import type { Cancel, Connection, PeerInfo, RpcError } from '@hawser/contract'

/** A flow of bytes that another thread brings, as the connection it is there. */
export class BroughtConnection implements Connection {
  // What comes over the port are pieces of a stream, wherever it was cut.
  readonly boundaries = 'stream'
  readonly peer: PeerInfo
  readonly #inner: Connection

  constructor(inner: Connection, peer: PeerInfo) {
    this.#inner = inner
    this.peer = peer
  }

  get closed(): Promise<RpcError | undefined> {
    return this.#inner.closed
  }
  get queued(): number {
    return this.#inner.queued
  }
  start(receive: (bytes: Uint8Array) => void): void {
    this.#inner.start(receive)
  }
  send(bytes: Uint8Array): boolean {
    return this.#inner.send(bytes)
  }
  drained(options?: Cancel): Promise<void> {
    return this.#inner.drained(options)
  }
  pause(): void {
    this.#inner.pause()
  }
  resume(): void {
    this.#inner.resume()
  }
  close(options?: Cancel): Promise<void> {
    return this.#inner.close(options)
  }
  abort(reason: RpcError): void {
    this.#inner.abort(reason)
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.#inner.close()
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
