import type { Clock } from '@hawser/contract'

/** `closed`: calls are made. `open`: none is. `half-open`: a few are, to see. */
export type CircuitState = 'closed' | 'open' | 'half-open'

/** When a {@link Circuit} opens and closes. */
export interface CircuitRules {
  readonly failureShare: number
  readonly minimumCalls: number
  readonly windowMs: number
  readonly openMs: number
  readonly trials: number
  changed(state: CircuitState): void
}

/** What becomes of one call; one of the three is to be said, once. */
export interface Pass {
  readonly trial: boolean
  succeeded(): void
  failed(): void
  /** It says nothing. */
  void(): void
}

const slices = 10

/** The state of one destination. */
export class Circuit {
  readonly #clock: Clock
  readonly #rules: CircuitRules
  readonly #calls = new Uint32Array(slices)
  readonly #failures = new Uint32Array(slices)
  #slice = 0
  #state: CircuitState = 'closed'
  // What began in an earlier state says nothing of this one.
  #era = 0
  #openUntil = 0
  #trying = 0
  #tried = 0
  #triedAt = 0

  constructor(clock: Clock, rules: CircuitRules) {
    this.#clock = clock
    this.#rules = rules
    this.#slice = this.#sliceNow()
  }

  get state(): CircuitState {
    return this.#state
  }

  /** Milliseconds until there may be a trial; undefined where that hangs on those under way. */
  get openForMs(): number | undefined {
    return this.#state === 'open' ? Math.max(0, this.#openUntil - this.#clock.now()) : undefined
  }

  /** Undefined where the call must not be made. */
  enter(): Pass | undefined {
    if (this.#state === 'closed') return this.#pass(false)
    if (this.#state === 'open') {
      if (this.#clock.now() < this.#openUntil) return undefined
      this.#trying = 0
      this.#tried = 0
      this.#change('half-open')
    }
    const now = this.#clock.now()
    if (this.#trying + this.#tried >= this.#rules.trials) {
      // Trials that never end must not leave it in between for good.
      if (now - this.#triedAt >= this.#rules.openMs) this.#open()
      return undefined
    }
    this.#trying++
    this.#triedAt = now
    return this.#pass(true)
  }

  #pass(trial: boolean): Pass {
    const era = this.#era
    const current = () => era === this.#era
    return {
      trial,
      succeeded: () => {
        if (!current()) return
        if (!trial) this.#count(false)
        else {
          this.#trying--
          if (++this.#tried >= this.#rules.trials) this.#close()
        }
      },
      failed: () => {
        if (!current()) return
        if (trial) this.#open()
        else this.#count(true)
      },
      void: () => {
        if (trial && current()) this.#trying--
      },
    }
  }

  #count(failure: boolean): void {
    this.#turn()
    const at = this.#slice % slices
    this.#calls[at]!++
    if (!failure) return
    this.#failures[at]!++
    const calls = sum(this.#calls)
    const { minimumCalls, failureShare } = this.#rules
    if (calls >= minimumCalls && sum(this.#failures) >= failureShare * calls) this.#open()
  }

  #open(): void {
    this.#openUntil = this.#clock.now() + this.#rules.openMs
    this.#change('open')
  }

  #close(): void {
    this.#calls.fill(0)
    this.#failures.fill(0)
    this.#change('closed')
  }

  #change(state: CircuitState): void {
    this.#state = state
    this.#era++
    this.#rules.changed(state)
  }

  #sliceNow(): number {
    return Math.floor((this.#clock.now() * slices) / this.#rules.windowMs)
  }

  #turn(): void {
    const now = this.#sliceNow()
    for (let slice = Math.max(this.#slice + 1, now - slices + 1); slice <= now; slice++) {
      this.#calls[slice % slices] = 0
      this.#failures[slice % slices] = 0
    }
    this.#slice = now
  }
}

function sum(counts: Uint32Array): number {
  return counts.reduce((sum, count) => sum + count, 0)
}
