import type { Connection, Limits, Protocol, TimerEntry, Timers } from '@hawser/contract'
import { ForwardedConnection, joined } from '@hawser/wire'

/** What becomes of a connection that may speak one of several protocols. One of the methods is called, once. */
export interface Chooser {
  readonly protocols: readonly Protocol[]
  readonly limits: Limits
  readonly timers: Timers
  /**
   * The connection is as it came: nothing has been read from it.
   * @param since clock milliseconds at which its peer began to be waited for
   */
  chosen(protocol: Protocol, connection: Connection, since: number): void
  /** It began with this, which matches none, or is not enough in its time. */
  unknown(head: Uint8Array, reason: 'bad_frame' | 'handshake_timeout'): void
  /** It ended before it had said enough. */
  ended(): void
}

/** Finds, by its first bytes, the protocol of a connection that may speak one of several. */
export function choose(connection: Connection, chooser: Chooser): void {
  new Choice(connection, chooser).begin()
}

// Until its protocol is known, a connection has no session to mind its time.
class Choice implements TimerEntry {
  _at = 0
  _next: TimerEntry | undefined = undefined
  _previous: TimerEntry | undefined = undefined
  readonly #connection: Connection
  readonly #chooser: Chooser
  #head: Uint8Array = nothing
  #decided = false
  #since = 0
  #peeked: PeekedConnection | undefined

  constructor(connection: Connection, chooser: Chooser) {
    this.#connection = connection
    this.#chooser = chooser
  }

  begin(): void {
    const { limits, timers } = this.#chooser
    this.#since = timers.clock.now()
    timers.add(this, this.#since + limits.handshakeMs)
    void this.#connection.closed.then(() => {
      if (this.#decide()) this.#chooser.ended()
    })
    if (this.#connection.rewind) this.#connection.start((bytes) => this.#look(bytes))
    else {
      this.#peeked = new PeekedConnection(this.#connection)
      this.#peeked.peek((bytes) => this.#look(bytes))
    }
  }

  expire(): void {
    if (this.#decide()) this.#chooser.unknown(this.#head, 'handshake_timeout')
  }

  #look(bytes: Uint8Array): void {
    if (this.#decided) return
    const { protocols, limits } = this.#chooser
    const head = joined([this.#head, bytes])
    this.#head = head
    let undecided = false
    for (const protocol of protocols) {
      const verdict = protocol.sniff(head)
      if (verdict === 'yes') {
        this.#decide()
        this.#chooser.chosen(protocol, this.#rewound(head), this.#since)
        return
      }
      if (verdict === 'more') undecided = true
    }
    if ((!undecided || head.length > limits.helloBytes) && this.#decide())
      this.#chooser.unknown(head, 'bad_frame')
  }

  #rewound(head: Uint8Array): Connection {
    if (this.#peeked) {
      this.#peeked.rewind(head)
      return this.#peeked
    }
    this.#connection.rewind!(head)
    return this.#connection
  }

  #decide(): boolean {
    if (this.#decided) return false
    this.#decided = true
    this.#chooser.timers.remove(this)
    return true
  }
}

const nothing = new Uint8Array(0)

/** Gives a connection that cannot be rewound the means. */
class PeekedConnection extends ForwardedConnection {
  #receive: ((bytes: Uint8Array) => void) | undefined
  #unread: Uint8Array = nothing

  peek(look: (bytes: Uint8Array) => void): void {
    this.#receive = look
    this.inner.start((bytes) => {
      if (this.#receive) this.#receive(bytes)
      else this.#unread = joined([this.#unread, bytes])
    })
  }

  rewind(unread: Uint8Array): void {
    this.#receive = undefined
    this.#unread = unread
  }

  override start(receive: (bytes: Uint8Array) => void): void {
    if (this.#receive) throw new TypeError('A connection can be started once')
    this.#receive = receive
    const unread = this.#unread
    this.#unread = nothing
    if (unread.length > 0) receive(unread)
  }

  detach(unread?: Uint8Array): object | undefined {
    const all = unread ? joined([unread, this.#unread]) : this.#unread
    const detached = this.inner.detach?.(all.length > 0 ? all : undefined)
    if (detached) this.#unread = nothing
    return detached
  }
}
