import { type Cancel, type Connection, type PeerInfo, RpcError, type VirtualClock } from '@hawser/contract'

/** What happens on the way. */
export interface Way {
  readonly clock: VirtualClock
  readonly boundaries: 'stream' | 'message'
  /** How many bytes are delivered at a time, given how many are there. Only for streams. */
  readonly split?: ((left: number) => number) | undefined
  /** So many bytes of one direction arrive, then the connection ends, breaks or falls silent. */
  readonly cut?: Cut | undefined
}

/** Where a connection is cut. */
export interface Cut {
  readonly from: 'opener' | 'acceptor'
  readonly at: number
  readonly kind: 'end' | 'reset' | 'silence'
}

const softBytes = 65_536

/** One end of a connection in virtual time, in one process, with backpressure and no buffer but its own. */
export class TestConnection implements Connection {
  readonly boundaries: 'stream' | 'message'
  readonly peer: PeerInfo
  readonly closed: Promise<RpcError | undefined>
  other!: TestConnection
  /** Bytes sent in all. */
  sent = 0
  readonly #way: Way
  readonly #side: 'opener' | 'acceptor'
  #resolve: (reason: RpcError | undefined) => void = () => {}
  #receive: ((bytes: Uint8Array) => void) | undefined
  #reading = true
  #state: 'open' | 'closing' | 'ended' = 'open'
  #silent = false
  #out: Uint8Array[] = []
  #queued = 0
  #delivered = 0
  #scheduled = false
  #waiters: (() => void)[] = []

  constructor(side: 'opener' | 'acceptor', way: Way) {
    this.#side = side
    this.#way = way
    this.boundaries = way.boundaries
    this.peer = { address: `test://${side === 'opener' ? 'acceptor' : 'opener'}` }
    this.closed = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  get queued(): number {
    return this.#queued
  }

  get ended(): boolean {
    return this.#state === 'ended'
  }

  start(receive: (bytes: Uint8Array) => void): void {
    this.#receive = receive
    this.other.#schedule()
  }

  send(bytes: Uint8Array): boolean {
    if (this.#state !== 'open') return true
    this.sent += bytes.length
    if (this.#silent) return true
    this.#out.push(new Uint8Array(bytes))
    this.#queued += bytes.length
    this.#schedule()
    return this.#queued < softBytes
  }

  drained(options: Cancel = {}): Promise<void> {
    options.signal?.throwIfAborted()
    if (this.#queued < softBytes || this.ended) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  pause(): void {
    this.#reading = false
  }

  resume(): void {
    this.#reading = true
    this.other.#schedule()
  }

  async close(options: Cancel = {}): Promise<void> {
    if (this.#state === 'open') {
      this.#state = 'closing'
      this.#reading = true
      this.#schedule()
    }
    if (options.signal?.aborted) this.abort(new RpcError('cancelled', 'cut short', { reason: 'closed' }))
    await this.closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  abort(reason: RpcError): void {
    if (this.ended) return
    this.#end(reason)
    if (!this.#silent) this.#way.clock.soon(() => this.other.#end(lost()))
  }

  /** Nothing is delivered any more in either direction, and nobody is told. */
  silence(): void {
    this.#silent = this.other.#silent = true
    this.#out = []
    this.other.#out = []
  }

  #schedule(): void {
    if (this.#scheduled || this.ended) return
    this.#scheduled = true
    this.#way.clock.soon(() => {
      this.#scheduled = false
      this.#deliver()
    })
  }

  #deliver(): void {
    const { cut, split, boundaries } = this.#way
    while (this.#out.length > 0 && this.other.#receive && this.other.#reading && !this.ended) {
      const chunk = this.#out[0]!
      const left = cut?.from === this.#side ? cut.at - this.#delivered : Infinity
      if (left <= 0) {
        this.#cut(cut!.kind)
        return
      }
      const most = boundaries === 'message' ? chunk.length : (split?.(chunk.length) ?? chunk.length)
      const size = Math.min(chunk.length, left, Math.max(1, most))
      if (size === chunk.length) this.#out.shift()
      else this.#out[0] = chunk.subarray(size)
      this.#delivered += size
      this.#queued -= size
      this.other.#take(chunk.subarray(0, size))
    }
    if (this.#queued < softBytes) for (const waiter of this.#waiters.splice(0)) waiter()
    if (this.#state !== 'closing' || this.#out.length > 0 || this.#silent) return
    this.#end(undefined)
    this.other.#end(undefined)
  }

  #take(bytes: Uint8Array): void {
    if (this.ended) return
    try {
      this.#receive?.(bytes)
    } catch (error) {
      this.abort(RpcError.from(error))
    }
  }

  #cut(kind: Cut['kind']): void {
    if (kind === 'silence') {
      this.silence()
      return
    }
    const reason = kind === 'reset' ? lost() : undefined
    this.#end(reason)
    this.other.#end(reason)
  }

  #end(reason: RpcError | undefined): void {
    if (this.ended) return
    this.#state = 'ended'
    this.#out = []
    this.#queued = 0
    this.#resolve(reason)
    for (const waiter of this.#waiters.splice(0)) waiter()
  }
}

function lost(): RpcError {
  return new RpcError('unavailable', 'The test has cut the connection', {
    reason: 'connection_lost',
    retryable: true,
  })
}

/** Both ends of a connection. */
export function connectedPair(way: Way): {
  readonly opener: TestConnection
  readonly acceptor: TestConnection
} {
  const opener = new TestConnection('opener', way)
  const acceptor = new TestConnection('acceptor', way)
  opener.other = acceptor
  acceptor.other = opener
  return { opener, acceptor }
}
