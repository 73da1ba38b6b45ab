import type { Call } from '@hawser/contract'
import type { Candidate } from '../../src/picker.js'

/** A candidate that a test moves by hand. */
export class Puppet implements Candidate {
  readonly address: string
  inFlight = 0
  ms: number

  constructor(address: string, ms = 1) {
    this.address = address
    this.ms = ms
  }

  latencyMs(): number {
    return this.ms
  }
}

export function puppets(count: number): Puppet[] {
  return Array.from({ length: count }, (_, index) => new Puppet(`tcp://10.0.0.${index}:57000`))
}

/** A call with nothing but a header, `key`. */
export function callOf(key?: string): Call {
  return { headers: new Map(key === undefined ? [] : [['key', key]]) } as unknown as Call
}

/** How many of so many picks fell on each. */
export function tally<T>(count: number, pick: (index: number) => T): Map<T, number> {
  const counts = new Map<T, number>()
  for (let index = 0; index < count; index++) {
    const picked = pick(index)
    counts.set(picked, (counts.get(picked) ?? 0) + 1)
  }
  return counts
}
