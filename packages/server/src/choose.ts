import type { Cancel, Clock, Connection, Limits, PeerInfo, Protocol, RpcError } from '@hawser/contract'

/** What becomes of a connection that may speak one of several protocols. One of the methods is called, once. */
export interface Chooser {
  readonly protocols: readonly Protocol[]
  readonly limits: Limits
  readonly clock: Clock
  /** The connection is as it came: nothing has been read from it. */
  chosen(protocol: Protocol, connection: Connection): void
  /** It matches none, or does not say enough in time. */
  unknown(reason: 'bad_frame' | 'handshake_timeout'): void
  /** It ended before it had said enough. */
  ended(): void
}

/** Finds, by its first bytes, the protocol of a connection that may speak one of several. */
export function choose(connection: Connection, chooser: Chooser): void {
  const { protocols, limits, clock } = chooser
  const peeked = new PeekedConnection(connection)
  // Until its protocol is known, a connection has no session to mind its time.
  const late = clock.timer(limits.handshakeMs, () => {
    if (decide()) chooser.unknown('handshake_timeout')
  })
  const decide = (): boolean => {
    if (peeked.decided) return false
    peeked.decided = true
    clock.clear(late)
    return true
  }
  void connection.closed.then(() => {
    if (decide()) chooser.ended()
  })
  connection.start((bytes) => {
    if (peeked.deliver) {
      peeked.deliver(bytes)
      return
    }
    peeked.head = joined(peeked.head, bytes)
    if (peeked.decided) return
    const { head } = peeked
    const verdicts = protocols.map((protocol) => protocol.sniff(head))
    const match = protocols[verdicts.indexOf('yes')]
    const undecided = verdicts.includes('more') && head.length <= limits.helloBytes
    if (match) {
      decide()
      chooser.chosen(match, peeked)
    } else if (!undecided && decide()) chooser.unknown('bad_frame')
  })
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b
  const bytes = new Uint8Array(a.length + b.length)
  bytes.set(a)
  bytes.set(b, a.length)
  return bytes
}

const nothing = new Uint8Array(0)

class PeekedConnection implements Connection {
  head: Uint8Array = nothing
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
    this.head = nothing
    if (head.length > 0) receive(head)
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
  detach(unread?: Uint8Array): object | undefined {
    if (unread) return this.#inner.detach?.(unread)
    const { head } = this
    const detached = this.#inner.detach?.(head.length > 0 ? head : undefined)
    if (detached) this.head = nothing
    return detached
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.#inner.close()
  }
}
