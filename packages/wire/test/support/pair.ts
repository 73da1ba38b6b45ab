import { defaultLimits, type Limits, type VirtualClock } from '@hawser/contract'
import { type Driver, DriverConnection } from '../../src/connection.js'

/** What happens to one direction of a pair before its byte number `at` (from 0) is delivered. */
export interface Cut {
  readonly from: 'opener' | 'acceptor'
  readonly at: number
  /** `end`: a clean end; `reset`: it breaks; `silence`: nothing is delivered any more in either direction. */
  readonly kind: 'end' | 'reset' | 'silence'
}

export interface PairOptions {
  readonly clock: VirtualClock
  readonly limits?: Limits | undefined
  readonly cut?: Cut | undefined
  /** How a delivery is cut up: into sizes, given what is left. Default: whole. */
  readonly split?: ((left: number) => number) | undefined
  /** Bytes under way that do not count as queued, as in a system's buffers. Default 0. */
  readonly windowBytes?: number | undefined
}

/** Both ends of a connection whose bytes are recorded. */
export interface Pair {
  readonly opener: DriverConnection
  readonly acceptor: DriverConnection
  /** What was delivered, in order; what one side sent in a row is one entry. */
  readonly transcript: readonly { readonly from: 'opener' | 'acceptor'; readonly bytes: Uint8Array }[]
  /** Everything written so far. */
  sentBy(side: 'opener' | 'acceptor'): Uint8Array
  /** Both ends see the connection break. */
  reset(): void
  /** Nothing is delivered any more, and nobody is told. */
  silence(): void
}

class End implements Driver {
  connection!: DriverConnection
  other!: End
  readonly written: Uint8Array[] = []
  record: ((bytes: Uint8Array) => void) | undefined
  readonly #clock: VirtualClock
  readonly #side: 'opener' | 'acceptor'
  readonly #options: PairOptions
  #out: Uint8Array[] = []
  #reading = false
  #ending = false
  #done = false
  #delivered = 0
  #scheduled = false
  #silent = false

  constructor(side: 'opener' | 'acceptor', options: PairOptions) {
    this.#side = side
    this.#options = options
    this.#clock = options.clock
  }

  get silent(): boolean {
    return this.#silent
  }
  silence(): void {
    this.#silent = true
    this.#out = []
  }

  get queued(): number {
    const underWay = this.#out.reduce((sum, bytes) => sum + bytes.length, 0)
    return Math.max(0, underWay - (this.#options.windowBytes ?? 0))
  }
  write(bytes: Uint8Array): void {
    // A system takes what is sent into a cut cable, for a while.
    if (this.#done || this.#ending || this.silent) return
    // A copy: the writer may use its memory anew as soon as nothing is queued.
    const copy = new Uint8Array(bytes)
    this.written.push(copy)
    this.#out.push(copy)
    this.schedule()
  }
  end(): void {
    this.#ending = true
    this.schedule()
  }
  destroy(): void {
    this.finish(undefined)
    this.other.finish(new Error('reset by peer'))
  }
  pause(): void {
    this.#reading = false
  }
  resume(): void {
    this.#reading = true
    this.other.schedule()
  }

  schedule(): void {
    if (this.#scheduled || this.#done) return
    this.#scheduled = true
    this.#clock.soon(() => {
      this.#scheduled = false
      this.#deliver()
    })
  }

  finish(error: unknown): void {
    if (this.#done) return
    this.#done = true
    this.#out = []
    this.connection.ended(error)
  }

  #deliver(): void {
    const { cut, split } = this.#options
    while (this.other.#reading && !this.#done && !this.silent && this.#out.length > 0) {
      const chunk = this.#out[0]!
      const left = cut?.from === this.#side ? cut.at - this.#delivered : Infinity
      if (left <= 0) {
        this.#cut(cut!.kind)
        return
      }
      const size = Math.min(chunk.length, left, split?.(chunk.length) ?? Infinity)
      if (size === chunk.length) this.#out.shift()
      else this.#out[0] = chunk.subarray(size)
      this.#delivered += size
      this.record?.(chunk.subarray(0, size))
      this.other.connection.received(chunk.subarray(0, size))
    }
    if (!this.#done) this.connection.flushed()
    if (!this.#ending || this.#done || this.#out.length > 0 || this.silent || !this.other.#reading) return
    this.other.finish(undefined)
    this.finish(undefined)
  }

  #cut(kind: Cut['kind']): void {
    if (kind === 'silence') {
      this.silence()
      this.other.silence()
      return
    }
    const error = kind === 'reset' ? new Error('reset') : undefined
    this.other.finish(error)
    this.finish(error)
  }
}

/** Two ends of a connection in virtual time. */
export function pair(options: PairOptions): Pair {
  const ends = { opener: new End('opener', options), acceptor: new End('acceptor', options) }
  ends.opener.other = ends.acceptor
  ends.acceptor.other = ends.opener
  const transcript: { from: 'opener' | 'acceptor'; bytes: Uint8Array }[] = []
  for (const from of ['opener', 'acceptor'] as const)
    ends[from].record = (bytes) => {
      const last = transcript.at(-1)
      if (last?.from === from) last.bytes = concat([last.bytes, bytes])
      else transcript.push({ from, bytes })
    }
  const connect = (end: End, address: string) => {
    end.connection = new DriverConnection(end, {
      boundaries: 'stream',
      peer: { address },
      clock: options.clock,
      limits: options.limits ?? defaultLimits,
    })
    return end.connection
  }
  return {
    opener: connect(ends.opener, 'test://acceptor'),
    acceptor: connect(ends.acceptor, 'test://opener'),
    transcript,
    sentBy: (side) => concat(ends[side].written),
    reset() {
      ends.opener.finish(new Error('reset'))
      ends.acceptor.finish(new Error('reset'))
    },
    silence() {
      ends.opener.silence()
      ends.acceptor.silence()
    },
  }
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
