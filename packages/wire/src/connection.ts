import {
  type Cancel,
  type Clock,
  type Connection,
  defaultLimits,
  type Limits,
  type PeerInfo,
  RpcError,
} from '@hawser/contract'
import { joined } from './joined.js'

/**
 * What a transport has to write: five verbs and a number. {@link DriverConnection} owns every state around them.
 *
 * In return the transport tells the connection what happens: `received(bytes)`, `flushed()` when `queued` has fallen below
 * the limit `writeSoftBytes`, and `ended(error)` once, when both directions are done (also after `end` and `destroy`). Any
 * of them may be told from inside a verb.
 */
export interface Driver {
  /** Bytes written and not yet passed on. At 0 nothing written is referred to any more. */
  readonly queued: number
  write(bytes: Uint8Array): void
  /** Sends what is queued, then ends. */
  end(): void
  /** Ends now. */
  destroy(): void
  /** Stops and starts input. A driver begins paused. */
  pause(): void
  resume(): void
  /**
   * Gives up its object of the platform, with what was received but is to be read again. It is told of no more but
   * {@link end} and {@link destroy}, and tells of no more but the end. Absent where there is no such object.
   */
  detach?(unread: Uint8Array | undefined): object
}

/** The facts about a connection that its transport knows. */
export interface DriverConnectionOptions {
  readonly boundaries: 'stream' | 'message'
  readonly peer: PeerInfo
  readonly clock: Clock
  readonly limits?: Limits | undefined
}

// How often a write queue is looked at while it holds bytes, and how long a closed peer may take to close in turn.
const watchMs = 1_000
// A queue that was past this many times its kill size before a send is cut off even while it moves.
const overflowFactor = 4

/** A {@link Connection} over a {@link Driver}: start, backpressure, stall detection and ending, written once. */
export class DriverConnection implements Connection {
  readonly boundaries: 'stream' | 'message'
  readonly peer: PeerInfo
  readonly #driver: Driver
  readonly #clock: Clock
  readonly #limits: Limits
  #started = false
  #rewound = false
  #paused = false
  // Set once the early bytes are delivered, so that nothing overtakes them.
  #receive: ((bytes: Uint8Array) => void) | undefined
  #early: Uint8Array[] | undefined
  #state: 'open' | 'closing' | 'ended' = 'open'
  #reason: RpcError | undefined
  #closed: Promise<RpcError | undefined> | undefined
  #resolveClosed: ((reason: RpcError | undefined) => void) | undefined
  #waiters: Set<() => void> | undefined
  #watch: unknown
  #sent = 0
  #passed = 0
  #stalledMs = 0
  #emptied = false

  constructor(driver: Driver, options: DriverConnectionOptions) {
    this.#driver = driver
    this.boundaries = options.boundaries
    this.peer = options.peer
    this.#clock = options.clock
    this.#limits = options.limits ?? defaultLimits
  }

  get queued(): number {
    return this.#state === 'ended' ? 0 : this.#driver.queued
  }

  // Made when first asked for: an idle connection nobody watches should not pay for a promise.
  get closed(): Promise<RpcError | undefined> {
    this.#closed ??=
      this.#state === 'ended'
        ? Promise.resolve(this.#reason)
        : new Promise((resolve) => {
            this.#resolveClosed = resolve
          })
    return this.#closed
  }

  start(receive: (bytes: Uint8Array) => void): void {
    if (this.#started) throw new TypeError('A connection can be started once')
    this.#started = true
    this.#rewound = false
    const early = this.#early
    if (early) {
      // An abort takes the early bytes away, and a rewind for somebody else; what comes meanwhile is added behind them.
      while (early.length > 0 && this.#early === early) this.#deliver(receive, early.shift()!)
      if (this.#early !== early) return
      this.#early = undefined
    }
    this.#receive = receive
    if (this.#state !== 'ended' && !this.#paused) this.#driver.resume()
  }

  rewind(unread: Uint8Array): void {
    this.#started = false
    this.#rewound = true
    this.#receive = undefined
    const rest = this.#early ?? []
    this.#early = unread.length > 0 ? [unread, ...rest] : rest
  }

  send(bytes: Uint8Array): boolean {
    if (this.#state !== 'open') return true
    this.#sent += bytes.length
    this.#driver.write(bytes)
    const queued = this.#driver.queued
    return queued === 0 || this.#backlog(queued, bytes.length)
  }

  async drained(options: Cancel = {}): Promise<void> {
    const { signal } = options
    signal?.throwIfAborted()
    if (this.queued < this.#limits.writeSoftBytes || this.#state === 'ended') return
    this.#waiters ??= new Set()
    const waiters = this.#waiters
    await new Promise<void>((resolve, reject) => {
      const drained = () => {
        signal?.removeEventListener('abort', aborted)
        resolve()
      }
      const aborted = () => {
        waiters.delete(drained)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', aborted, { once: true })
      waiters.add(drained)
    })
  }

  // While closing, input is read to its end whatever the user asks for; before the start it is not read at all.
  pause(): void {
    if (this.#paused || this.#state !== 'open') return
    this.#paused = true
    if (this.#started) this.#driver.pause()
  }

  resume(): void {
    if (!this.#paused || this.#state !== 'open') return
    this.#paused = false
    // In the middle of start() this is left to its end.
    if (this.#receive) this.#driver.resume()
  }

  async close(options: Cancel = {}): Promise<void> {
    const { signal } = options
    if (this.#state === 'open') this.#end()
    const aborted = () => this.abort(new RpcError('cancelled', 'Closing was cut short', { reason: 'closed' }))
    if (signal?.aborted) aborted()
    else signal?.addEventListener('abort', aborted, { once: true })
    await this.closed
    signal?.removeEventListener('abort', aborted)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  abort(reason: RpcError): void {
    this.#early = undefined
    if (this.#state === 'ended') return
    this.#finish(reason)
    this.#driver.destroy()
  }

  detach(unread?: Uint8Array): object | undefined {
    if (!this.#driver.detach || this.#state !== 'open') return undefined
    this.#started = true
    if (this.#watch !== undefined) this.#clock.clear(this.#watch)
    this.#watch = undefined
    const early = this.#early ?? []
    this.#early = undefined
    return this.#driver.detach(
      unread ? joined([unread, ...early]) : early.length > 0 ? joined(early) : undefined,
    )
  }

  /** For the transport: bytes came. They are the receiver's for good. */
  received(bytes: Uint8Array): void {
    if (this.#state === 'ended') return
    if (this.#receive) this.#deliver(this.#receive, bytes)
    else if (this.#state === 'open') {
      this.#early ??= []
      this.#early.push(bytes)
      // After a rewind it still flows, and nobody may ever start it again.
      if (this.#rewound) {
        this.#rewound = false
        this.#driver.pause()
      }
    }
  }

  /** For the transport: the queue has fallen. */
  flushed(): void {
    if (this.#waiters && this.queued < this.#limits.writeSoftBytes) this.#wake()
  }

  /** For the transport: both directions are done; with an error, they broke. */
  ended(error?: unknown): void {
    if (this.#state === 'ended') return
    this.#finish(
      error === undefined
        ? undefined
        : RpcError.from(error, 'unavailable', { reason: 'connection_lost', retryable: true }),
    )
  }

  // A receiver that throws must cost its own connection only, not the process that happens to read the socket.
  #deliver(receive: (bytes: Uint8Array) => void, bytes: Uint8Array): void {
    try {
      receive(bytes)
    } catch (error) {
      this.abort(RpcError.from(error, 'internal', { reason: 'internal' }))
    }
  }

  #end(): void {
    this.#state = 'closing'
    this.#driver.end()
    if (this.#isEnded()) return
    // The end of the input has to be read, or a paused connection would wait for its peer forever.
    this.#driver.resume()
    if (!this.#isEnded()) this.#watchQueue(this.#driver.queued)
  }

  #finish(reason: RpcError | undefined): void {
    this.#state = 'ended'
    this.#reason = reason
    if (this.#watch !== undefined) this.#clock.clear(this.#watch)
    this.#watch = undefined
    this.#resolveClosed?.(reason)
    if (this.#waiters) this.#wake()
  }

  #wake(): void {
    const waiters = this.#waiters
    this.#waiters = undefined
    if (waiters) for (const resolve of waiters) resolve()
  }

  // A verb may end the connection from inside; asked through a method, so that the compiler does not assume otherwise.
  #isEnded(): boolean {
    return this.#state === 'ended'
  }

  #backlog(queued: number, added: number): boolean {
    if (this.#isEnded()) return true
    if (queued - added > overflowFactor * this.#limits.writeKillBytes) {
      this.#kill(queued)
      return true
    }
    this.#watchQueue(queued)
    return queued < this.#limits.writeSoftBytes
  }

  #watchQueue(queued: number): void {
    if (this.#watch !== undefined) return
    this.#passed = this.#sent - queued
    this.#stalledMs = 0
    this.#emptied = queued === 0
    this.#arm()
  }

  #arm(): void {
    const interval = Math.min(watchMs, this.#limits.writeStallMs)
    this.#watch = this.#clock.timer(interval, () => {
      this.#watch = undefined
      this.#checkQueue(interval)
    })
  }

  // Counts intervals rather than reading the clock: a process that was stopped for a minute has not seen its peer stall.
  #checkQueue(interval: number): void {
    const queued = this.#driver.queued
    if (queued === 0) {
      if (this.#state !== 'closing') return
      if (!this.#emptied) {
        this.#emptied = true
        this.#arm()
        return
      }
      // Everything is out, but the peer has not ended its side for a whole interval: do not wait longer.
      this.#finish(undefined)
      this.#driver.destroy()
      return
    }
    const passed = this.#sent - queued
    this.#stalledMs = passed === this.#passed ? this.#stalledMs + interval : 0
    this.#passed = passed
    const stalled = this.#stalledMs >= this.#limits.writeStallMs
    const full = this.#stalledMs > 0 && queued > this.#limits.writeKillBytes
    if (stalled || full) this.#kill(queued)
    else this.#arm()
  }

  #kill(queued: number): void {
    this.abort(
      new RpcError('unavailable', `The peer does not read: ${queued} bytes are queued`, {
        reason: 'slow_consumer',
      }),
    )
  }
}
