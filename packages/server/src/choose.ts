import type { Cancel, Connection, Limits, PeerInfo, Protocol, RpcError } from '@hawser/contract'

/**
 * Finds, by its first bytes, the protocol of a connection that may speak one of several, and hands on a connection on
 * which nothing has been read yet. A connection that matches none, or does not say enough in time, is dropped.
 */
export function choose(
  connection: Connection,
  protocols: readonly Protocol[],
  limits: Limits,
  chosen: (protocol: Protocol, connection: Connection) => void,
  unknown: (head: Uint8Array) => void,
): void {
  if (protocols.length === 1) {
    chosen(protocols[0]!, connection)
    return
  }
  const peeked = new PeekedConnection(connection)
  let head: Uint8Array = new Uint8Array(0)
  connection.start((bytes) => {
    if (peeked.deliver) {
      peeked.deliver(bytes)
      return
    }
    head = joined(head, bytes)
    if (peeked.decided) {
      peeked.head = head
      return
    }
    const verdicts = protocols.map((protocol) => protocol.sniff(head))
    const match = protocols[verdicts.indexOf('yes')]
    if (match) {
      peeked.decided = true
      peeked.head = head
      chosen(match, peeked)
    } else if (!verdicts.includes('more') || head.length > limits.helloBytes) unknown(head)
  })
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b
  const bytes = new Uint8Array(a.length + b.length)
  bytes.set(a)
  bytes.set(b, a.length)
  return bytes
}

class PeekedConnection implements Connection {
  head: Uint8Array | undefined
  decided = false
  deliver: ((bytes: Uint8Array) => void) | undefined
  readonly #inner: Connection

  constructor(inner: Connection) {
    this.#inner = inner
  }

  start(receive: (bytes: Uint8Array) => void): void {
    if (this.deliver) throw new TypeError('A connection can be started once')
    this.deliver = receive
    const { head } = this
    this.head = undefined
    if (head && head.length > 0) receive(head)
  }

  get boundaries(): 'stream' | 'message' {
    return this.#inner.boundaries
  }
  get peer(): PeerInfo {
    return this.#inner.peer
  }
  get closed(): Promise<RpcError | undefined> {
    return this.#inner.closed
  }
  get queued(): number {
    return this.#inner.queued
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
