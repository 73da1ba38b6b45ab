import type { Limits, TimerEntry, Timers } from '@hawser/contract'

/** Where a connection is in its round of requests. */
export type Phase =
  /** Nothing is due from the peer before its next request. */
  | 'idle'
  /** The headers of a request are coming. */
  | 'head'
  /** Its body is coming. */
  | 'body'
  /** It is this side's turn, or somebody else's matter. */
  | 'busy'
  /** All is said; the peer has yet to take note. */
  | 'parting'

/** What is watched: counts of a socket, and what to do when they do not move. */
export interface Watched {
  readonly bytesRead: number
  /** Bytes not yet passed on to the system; `bytesWritten` counts them too. */
  readonly writableLength: number
  readonly bytesWritten?: number | undefined
}

/** Told when a peer takes too long. */
export interface WatchOwner {
  /** A request does not come on. */
  slow(what: 'head' | 'body', begun: boolean): void
  /** Nothing was asked for long. */
  unused(): void
  /** The peer does not read. */
  stalled(queued: number): void
  /** Nothing was sent for long, though something may come. */
  quiet(): void
  /** The peer was told of the end, and did not go. */
  partingOver(): void
}

const longestRound = 500
const partingMs = 1_000

/**
 * Minds the time of one connection, by looking at it now and then: Node's own server begins to do so when it listens, which
 * this one never does. A request costs it nothing.
 */
export class Watch implements TimerEntry {
  _at = 0
  _next: TimerEntry | undefined = undefined
  _previous: TimerEntry | undefined = undefined
  readonly #socket: Watched
  readonly #timers: Timers
  readonly #limits: Limits
  readonly #owner: WatchOwner
  readonly #round: number
  readonly #idleMs: number
  #phase: Phase = 'head'
  #fresh = false
  #since: number
  #bytes = 0
  #written = 0
  #passed = 0
  #stalledSince = 0
  #quietSince: number

  /** @param since clock milliseconds from which on the first request is waited for. Default: now */
  constructor(socket: Watched, timers: Timers, limits: Limits, owner: WatchOwner, since?: number) {
    this.#socket = socket
    this.#timers = timers
    this.#limits = limits
    this.#owner = owner
    const { headersMs, requestMs, writeStallMs, idleMs, idleJitter, keepAliveMs } = limits
    const { clock } = timers
    this.#idleMs = idleMs * (1 + idleJitter * (2 * clock.random() - 1))
    const shortest = Math.min(headersMs, requestMs, writeStallMs, this.#idleMs, keepAliveMs)
    this.#round = Math.max(1, Math.min(longestRound, shortest / 8))
    const now = clock.now()
    this.#since = since ?? now
    this.#quietSince = now
    timers.add(this, now + this.#round)
  }

  // Since when is found out at the next look: a request should not have to ask for the time.
  set phase(phase: Phase) {
    this.#phase = phase
    this.#fresh = true
    if (phase === 'idle') this.#bytes = this.#socket.bytesRead
  }

  end(): void {
    this.#timers.remove(this)
  }

  expire(): void {
    const now = this.#timers.clock.now()
    this.#timers.add(this, now + this.#round)
    this.#checkWrites(now)
    const { bytesRead } = this.#socket
    if (this.#phase === 'idle' && bytesRead !== this.#bytes) this.phase = 'head'
    if (this.#fresh) {
      this.#fresh = false
      this.#since = now
      this.#bytes = bytesRead
      return
    }
    const since = now - this.#since
    const { headersMs, requestMs, frameProgressRate } = this.#limits
    switch (this.#phase) {
      case 'idle':
        if (since >= this.#idleMs) this.#owner.unused()
        return
      case 'head':
        if (since >= headersMs) this.#owner.slow('head', bytesRead > 0)
        return
      case 'body':
        if (
          since >= requestMs ||
          (since >= headersMs && bytesRead - this.#bytes < (frameProgressRate * since) / 1000)
        )
          this.#owner.slow('body', true)
        return
      case 'parting':
        if (since >= Math.min(partingMs, headersMs)) this.#owner.partingOver()
    }
  }

  #checkWrites(now: number): void {
    const { writableLength: queued, bytesWritten = 0 } = this.#socket
    if (bytesWritten !== this.#written) {
      this.#written = bytesWritten
      this.#quietSince = now
    } else if (now - this.#quietSince >= this.#limits.keepAliveMs) {
      this.#quietSince = now
      this.#owner.quiet()
    }
    const passed = bytesWritten - queued
    if (queued === 0 || passed !== this.#passed) {
      this.#passed = passed
      this.#stalledSince = now
      return
    }
    const stalled = now - this.#stalledSince
    const { writeStallMs, writeKillBytes } = this.#limits
    if (stalled >= writeStallMs || (queued > writeKillBytes && stalled >= Math.min(1_000, writeStallMs)))
      this.#owner.stalled(queued)
  }
}
