import type { Clock, RpcError } from '@hawser/contract'
import { jittered } from '@hawser/wire'

/** When an address that fails is given no calls for a while. */
export interface EjectOptions {
  /** Failures one after the other. Default 5. */
  readonly consecutive?: number | undefined
  /** The share of failures among the calls of a window. Default 0.5. */
  readonly failureShare?: number | undefined
  /** Calls a window must have for its share to count. Default 20. */
  readonly minCalls?: number | undefined
  /** Milliseconds. Default 10,000. */
  readonly windowMs?: number | undefined
  /** Milliseconds of the first ejection; each further one takes twice as long. Default 5,000. */
  readonly ejectMs?: number | undefined
  /** Default 300,000. */
  readonly ejectMaxMs?: number | undefined
  /** The share of the addresses that may be ejected at a time. Default 0.5. */
  readonly mostShare?: number | undefined
  /**
   * Does this error speak against the server, rather than the call? Default: `unavailable` unless it is going away in peace,
   * `deadline_exceeded`, and `overloaded`.
   */
  readonly failure?: ((error: RpcError) => boolean) | undefined
}

export type EjectSettings = { readonly [K in keyof EjectOptions]-?: NonNullable<EjectOptions[K]> }

/** @throws TypeError for numbers that make no sense */
export function ejectSettings(options: EjectOptions): EjectSettings {
  const settings = { ...defaults, ...defined(options) }
  for (const name of ['consecutive', 'minCalls', 'windowMs', 'ejectMs', 'ejectMaxMs'] as const)
    if (!(settings[name] > 0)) throw new TypeError(`${name} must be a number above 0, not ${settings[name]}`)
  for (const name of ['failureShare', 'mostShare'] as const)
    if (!(settings[name] >= 0 && settings[name] <= 1))
      throw new TypeError(`${name} must be a share from 0 to 1, not ${settings[name]}`)
  return settings
}

const peaceful: readonly (string | undefined)[] = ['draining', 'closed', 'idle']

const defaults: EjectSettings = {
  consecutive: 5,
  failureShare: 0.5,
  minCalls: 20,
  windowMs: 10_000,
  ejectMs: 5_000,
  ejectMaxMs: 300_000,
  mostShare: 0.5,
  failure: ({ code, reason }) =>
    code === 'unavailable'
      ? !peaceful.includes(reason)
      : code === 'deadline_exceeded' || reason === 'overloaded',
}

/** What is held against one address. Ejected, it gets no calls; then one at a time, until one succeeds. */
export class Outlier {
  readonly #settings: EjectSettings
  readonly #clock: Clock
  #until = 0
  #consecutive = 0
  #calls = 0
  #failures = 0
  #windowAt = 0
  #times = 0
  #lastMs = 0
  #readmittedAt = -Infinity

  constructor(settings: EjectSettings, clock: Clock) {
    this.#settings = settings
    this.#clock = clock
  }

  /** Clock milliseconds at which it gets a call again; 0 where it is not ejected. */
  get until(): number {
    return this.#until
  }

  /** @param inFlight calls it has */
  allows(now: number, inFlight: number): boolean {
    return this.#until === 0 || (now >= this.#until && inFlight === 0)
  }

  /** True when that ends an ejection. */
  succeeded(now: number): boolean {
    this.#consecutive = 0
    this.#counted(now)
    // Answers of calls from before say nothing of the time since.
    if (this.#until === 0 || now < this.#until) return false
    this.#until = 0
    this.#calls = 0
    this.#failures = 0
    this.#readmittedAt = now
    return true
  }

  /** True when it should be ejected for that: anew, where it was and had its chance. */
  failed(now: number): boolean {
    this.#counted(now)
    this.#failures++
    this.#consecutive++
    if (this.#until > 0) return now >= this.#until
    const { consecutive, failureShare, minCalls } = this.#settings
    return (
      this.#consecutive >= consecutive ||
      (this.#calls >= minCalls && this.#failures >= failureShare * this.#calls)
    )
  }

  eject(now: number): void {
    const { ejectMs, ejectMaxMs } = this.#settings
    // One that did well for as long as it was out begins anew.
    if (this.#until === 0 && now - this.#readmittedAt >= this.#lastMs) this.#times = 0
    this.#lastMs = Math.min(ejectMaxMs, ejectMs * 2 ** this.#times++)
    // Many clients eject at the same time, and should not come back at the same time.
    this.#until = now + jittered(this.#lastMs, 0.2, this.#clock)
    this.#consecutive = 0
  }

  #counted(now: number): void {
    if (now - this.#windowAt >= this.#settings.windowMs) {
      this.#windowAt = now
      this.#calls = 0
      this.#failures = 0
    }
    this.#calls++
  }
}

function defined(options: EjectOptions): Partial<EjectSettings> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
