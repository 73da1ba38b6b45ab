import type { Call, Clock } from '@hawser/contract'

/** One address of a group, as those who choose among them see it. */
export interface Candidate {
  readonly address: string
  /** Calls of the group that this address has not ended yet; a stream counts until it is read to its end. */
  readonly inFlight: number
  /**
   * Milliseconds to an answer: a peak counts at once, and fades. 0 before the first answer.
   * @param now clock milliseconds
   */
  latencyMs(now: number): number
}

/** Chooses who takes a call. One for each group of each client. */
export interface Picker {
  /**
   * Do calls belong to one address? Then they wait for its connection, and go elsewhere only where it cannot be reached
   * or is ejected. Otherwise they go to those that are connected.
   */
  readonly sticky?: boolean | undefined
  /**
   * @param candidates at least one, in the order of the list of addresses; those that are ejected or out of reach are left out
   * @param now clock milliseconds, as of the beginning of the turn
   */
  pick<C extends Candidate>(candidates: readonly C[], call: Call, now: number): C
}

/** Makes pickers. Whatever is random comes from the clock. */
export type Pick = (clock: Clock) => Picker
