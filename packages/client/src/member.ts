import type { Call, Clock, Limits, ReplySink, RpcError } from '@hawser/contract'
import type { Endpoint, EndpointWatcher } from './endpoint.js'
import { type EjectSettings, Outlier } from './outlier.js'
import { PeakEwma } from './peak-ewma.js'
import type { Candidate } from './picker.js'
import { ReconnectWaits } from './retry.js'

/** What a member tells its group. */
export interface MemberOwner {
  readonly clock: Clock
  readonly limits: Limits
  readonly eject: EjectSettings | undefined
  readonly latencyDecayMs: number
  /** It has a connection: calls may be handed to it. */
  connected(): void
  /** It has none any more, and rests. */
  disconnected(): void
  /** None could be made, and it rests. */
  unreachable(error: RpcError): void
  /** Whether it may be picked has changed. */
  changed(): void
  /** Does an error speak against the server it came from? */
  speaksAgainst(error: RpcError): boolean
  /** Might one more be ejected? */
  mayEject(): boolean
  count(event: string): void
}

/** One address of a group: how it does, and whether it may be picked. */
export class Member implements Candidate, EndpointWatcher {
  readonly endpoint: Endpoint
  inFlight = 0
  readonly #owner: MemberOwner
  readonly #latency: PeakEwma
  readonly #outlier: Outlier | undefined
  readonly #waits: ReconnectWaits
  #restsUntil = -Infinity

  constructor(endpoint: Endpoint, owner: MemberOwner) {
    this.endpoint = endpoint
    this.#owner = owner
    this.#latency = new PeakEwma(owner.latencyDecayMs)
    this.#outlier = owner.eject && new Outlier(owner.eject, owner.clock)
    this.#waits = new ReconnectWaits(owner.clock, owner.limits)
    if (endpoint.connected) this.#waits.ready()
    endpoint.watchers.add(this)
  }

  get address(): string {
    return this.endpoint.address
  }

  get ejected(): boolean {
    return this.#outlier !== undefined && this.#outlier.until > 0
  }

  latencyMs(now: number): number {
    return this.#latency.value(now)
  }

  /** Is it neither ejected nor resting after its connection was lost or could not be made? */
  usable(now: number): boolean {
    return now >= this.#restsUntil && (this.#outlier?.allows(now, this.inFlight) ?? true)
  }

  /** When it may be usable again by itself, clock milliseconds; Infinity where only an event makes it so. */
  usableAt(now: number): number {
    const at = Math.max(this.#restsUntil, this.#outlier?.until ?? 0)
    return at > now ? at : Infinity
  }

  /** Hands a call to its connection. */
  carry(call: Call, sink: ReplySink): void {
    this.inFlight++
    if (this.ejected) this.#owner.changed()
    this.endpoint.carry(call, sink)
  }

  /** A call was answered. */
  answered(tookMs: number, now: number): void {
    this.#latency.observe(tookMs, now)
    if (!this.#outlier?.succeeded(now)) return
    this.#owner.count('endpoint_readmitted')
    this.#owner.changed()
  }

  /** A call failed, after so long. */
  failed(error: RpcError, tookMs: number, now: number): void {
    const outlier = this.#outlier
    if (!outlier || !this.#owner.speaksAgainst(error)) {
      // The handler ran, or the call was wrong: the server did its part. Of what was cut short nobody can tell.
      if (error.executed === 'yes') this.answered(tookMs, now)
      else this.#latency.exceeded(tookMs, now)
      return
    }
    this.#latency.exceeded(tookMs, now)
    if (!outlier.failed(now) || !(this.ejected || this.#owner.mayEject())) return
    outlier.eject(now)
    this.#owner.count('endpoint_ejected')
    this.#owner.changed()
  }

  /** A call is over, whatever came of it. */
  ended(): void {
    this.inFlight--
    if (this.ejected) this.#owner.changed()
  }

  /** It is no part of the group any more. */
  leave(): void {
    this.endpoint.watchers.delete(this)
  }

  // EndpointWatcher
  connected(): void {
    this.#waits.ready()
    this.#restsUntil = -Infinity
    this.#owner.connected()
  }
  disconnected(): void {
    this.#rest()
    this.#owner.disconnected()
  }
  unreachable(error: RpcError): void {
    this.#rest()
    this.#owner.unreachable(error)
  }

  #rest(): void {
    this.#restsUntil = this.#owner.clock.now() + this.#waits.next()
    this.#owner.changed()
  }
}
