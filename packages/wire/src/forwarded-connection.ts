import type { Cancel, Connection, PeerInfo, RpcError } from '@hawser/contract'

/**
 * A connection that is another one in all that is not said otherwise. It does not give the other's socket away, since that
 * would pass by whatever is different.
 */
export abstract class ForwardedConnection implements Connection {
  protected readonly inner: Connection

  constructor(inner: Connection) {
    this.inner = inner
  }

  get boundaries(): 'stream' | 'message' {
    return this.inner.boundaries
  }
  get peer(): PeerInfo {
    return this.inner.peer
  }
  get closed(): Promise<RpcError | undefined> {
    return this.inner.closed
  }
  get queued(): number {
    return this.inner.queued
  }
  start(receive: (bytes: Uint8Array) => void): void {
    this.inner.start(receive)
  }
  send(bytes: Uint8Array): boolean {
    return this.inner.send(bytes)
  }
  drained(options?: Cancel): Promise<void> {
    return this.inner.drained(options)
  }
  pause(): void {
    this.inner.pause()
  }
  resume(): void {
    this.inner.resume()
  }
  close(options?: Cancel): Promise<void> {
    return this.inner.close(options)
  }
  abort(reason: RpcError): void {
    this.inner.abort(reason)
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
