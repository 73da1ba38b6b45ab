import {
  type Cancel,
  type Clock,
  type Connection,
  defaultLimits,
  type Limits,
  type PeerInfo,
  RpcError,
} from '@hawser/contract'

/**
 * What a transport has to write: five verbs and a number. {@link DriverConnection} owns every state around them.
 *
 * In return the transport tells the connection what happens: `received(bytes)`, `flushed()` when `queued` has fallen, and
 * `ended(error)` once, when both directions are done (also after `end` and `destroy`).
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
// A queue that grows past this many times its kill size is cut off even while it moves.
const overflowFactor = 4

/** A {@link Connection} over a {@link Driver}: start, backpressure, stall detection and ending, written once. */
export class DriverConnection implements Connection {
  readonly boundaries: 'stream' | 'message'
  readonly peer: PeerInfo
  readonly #driver: Driver
  readonly #clock: Clock
  readonly #limits: Limits
  #receive: ((bytes: Uint8Array) => void) | undefined
  #early: Uint8Array[] | undefined
  #state: 'open' | 'closing' | 'ended' = 'open'
  #reason: RpcError | undefined
  #closed: Promise<RpcError | undefined> | undefined
  #resolveClosed: ((reason: RpcError | undefined) => void) | undefined
  #waiters: (() => void)[] | undefined
  #watch: unknown
  #sent = 0
  #passed = 0
  #stalledMs = 0

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
    if (this.#receive) throw new TypeError('A connection can be started once')
    this.#receive = receive
    const early = this.#early
    this.#early = undefined
    if (early) for (const bytes of early) receive(bytes)
    if (this.#state !== 'ended') this.#driver.resume()
  }

  send(bytes: Uint8Array): boolean {
    if (this.#state !== 'open') return true
    this.#sent += bytes.length
    this.#driver.write(bytes)
    const queued = this.#driver.queued
    return queued === 0 || this.#backlog(queued)
  }

  async drained(options: Cancel = {}): Promise<void> {
    const { signal } = options
    signal?.throwIfAborted()
    if (this.#state === 'ended' || this.#driver.queued < this.#limits.writeSoftBytes) return
    await new Promise<void>((resolve, reject) => {
      const aborted = () => reject(signal?.reason)
      signal?.addEventListener('abort', aborted, { once: true })
      this.#waiters ??= []
      this.#waiters.push(() => {
        signal?.removeEventListener('abort', aborted)
        resolve()
      })
    })
  }

  pause(): void {
    if (this.#state !== 'ended') this.#driver.pause()
  }

  resume(): void {
    if (this.#state !== 'ended') this.#driver.resume()
  }

  async close(options: Cancel = {}): Promise<void> {
    const { signal } = options
    const aborted = () => this.abort(new RpcError('cancelled', 'Closing was cut short', { reason: 'closed' }))
    if (this.#state === 'open') {
      this.#state = 'closing'
      this.#driver.end()
      // The end of the input has to be read, or a paused connection would wait for its peer forever.
      this.#driver.resume()
      this.#watchQueue()
    }
    if (signal?.aborted) aborted()
    signal?.addEventListener('abort', aborted, { once: true })
    await this.closed
    signal?.removeEventListener('abort', aborted)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  abort(reason: RpcError): void {
    if (this.#state === 'ended') return
    this.#finish(reason)
    this.#driver.destroy()
  }

  /** For the transport: bytes came. They are the receiver's for good. */
  received(bytes: Uint8Array): void {
    if (this.#state === 'ended') return
    if (this.#receive) this.#receive(bytes)
    else {
      this.#early ??= []
      this.#early.push(bytes)
    }
  }

  /** For the transport: the queue has fallen. */
  flushed(): void {
    if (!this.#waiters || this.#driver.queued >= this.#limits.writeSoftBytes) return
    const waiters = this.#waiters
    this.#waiters = undefined
    for (const resolve of waiters) resolve()
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

  #finish(reason: RpcError | undefined): void {
    this.#state = 'ended'
    this.#reason = reason
    if (this.#watch !== undefined) this.#clock.clear(this.#watch)
    this.#watch = undefined
    this.#resolveClosed?.(reason)
    const waiters = this.#waiters
    this.#waiters = undefined
    if (waiters) for (const resolve of waiters) resolve()
  }

  #backlog(queued: number): boolean {
    if (queued > overflowFactor * this.#limits.writeKillBytes) this.#kill(queued)
    else if (this.#watch === undefined) {
      this.#passed = this.#sent - queued
      this.#stalledMs = 0
      this.#watchQueue()
    }
    return queued < this.#limits.writeSoftBytes
  }

  #watchQueue(): void {
    this.#watch ??= this.#clock.timer(watchMs, () => {
      this.#watch = undefined
      this.#checkQueue()
    })
  }

  #checkQueue(): void {
    const queued = this.#driver.queued
    if (queued === 0) {
      // Everything is out, but the peer has not ended its side for a whole interval: do not wait longer.
      if (this.#state === 'closing') {
        this.#finish(undefined)
        this.#driver.destroy()
      }
      return
    }
    const passed = this.#sent - queued
    this.#stalledMs = passed === this.#passed ? this.#stalledMs + watchMs : 0
    this.#passed = passed
    const stalled = this.#stalledMs >= this.#limits.writeStallMs
    const full = this.#stalledMs > 0 && queued > this.#limits.writeKillBytes
    if (stalled || full) this.#kill(queued)
    else this.#watchQueue()
  }

  #kill(queued: number): void {
    this.abort(
      new RpcError('unavailable', `The peer does not read: ${queued} bytes are queued`, {
        reason: 'slow_consumer',
      }),
    )
  }
}
