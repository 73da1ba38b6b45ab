import type { Call } from '@hawser/contract'
import type { Candidate, Pick } from './picker.js'

/** What a {@link consistentHash} may be told besides. */
export interface ConsistentHashOptions {
  /**
   * How many times the average number of calls in flight an address may have before its further calls go to the next one of
   * their key: from 1 up, for example 1.25. Default Infinity: a key stays with its address however busy that is.
   */
  readonly balance?: number | undefined
}

/**
 * Calls of one key go to one address, the same from every client that has the same list. When an address comes or goes, only
 * the keys of that one move: 1/n of them. A key that is undefined is anybody's.
 *
 * Each key ranks all addresses by a hash of both and takes the first (rendezvous hashing), at a few nanoseconds for each address.
 * @throws TypeError for a balance below 1
 */
export function consistentHash(
  key: (call: Call) => string | undefined,
  { balance = Infinity }: ConsistentHashOptions = {},
): Pick {
  if (!(balance >= 1)) throw new TypeError(`balance must be a number from 1 up, not ${balance}`)
  return (clock) => {
    // Of the list last seen: it is the same one until something changes.
    let known: readonly Candidate[] = []
    let seeds: readonly number[] = []
    return {
      sticky: true,
      pick(candidates, call, _now) {
        const text = key(call)
        if (text === undefined) return candidates[Math.floor(clock.random() * candidates.length)]!
        const hash = textHash(text)
        const most = balance === Infinity ? Infinity : mostOf(candidates, balance)
        if (candidates !== known) {
          known = candidates
          seeds = candidates.map(({ address }) => textHash(address))
        }
        let best = 0
        let bestRank = -1
        for (let index = 0; index < candidates.length; index++) {
          if (candidates[index]!.inFlight >= most) continue
          const rank = mixed(hash ^ seeds[index]!)
          if (rank <= bestRank) continue
          best = index
          bestRank = rank
        }
        return candidates[best]!
      },
    }
  }
}

// With a balance from 1 up there is always one below it.
function mostOf(candidates: readonly Candidate[], balance: number): number {
  let calls = 1
  for (const { inFlight } of candidates) calls += inFlight
  return Math.ceil((balance * calls) / candidates.length)
}

/** FNV-1a over code units, mixed. */
function textHash(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return mixed(hash)
}

/** The finalizer of MurmurHash3: every bit of the input tells in every bit of what comes out. */
function mixed(input: number): number {
  let hash = Math.imul(input ^ (input >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
