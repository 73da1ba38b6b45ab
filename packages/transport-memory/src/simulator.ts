import type { Clock, Transport } from '@hawser/contract'
import { type Fault, type LinkNature, SimulatedLink } from './simulated-link.js'
import { type MemoryOptions, transportOver } from './transport.js'

/** What goes wrong on one connection, in each direction. */
export interface ConnectionFaults {
  readonly toServer?: readonly Fault[] | undefined
  readonly toClient?: readonly Fault[] | undefined
}

/** How {@link simulator} can be told to be. */
export interface SimulatorOptions extends MemoryOptions {
  /** Usually a virtual one. */
  readonly clock: Clock
  /** The same seed and the same sends give the same run. Default 1. */
  readonly seed?: number | undefined
  /** From and to how many milliseconds a delivery takes; order is kept. Default [0, 0]. */
  readonly delayMs?: readonly [number, number] | undefined
  /** Default `none`. The others need the boundaries `stream`. */
  readonly split?: 'none' | 'bytes' | 'random' | undefined
  /** The probability, from 0 to 1, that a send breaks its connection. Default 0. */
  readonly loss?: number | undefined
  /** For every connection, or for the nth, from 0. */
  readonly faults?: ConnectionFaults | ((connection: number) => ConnectionFaults) | undefined
}

/** A memory transport over a bad network: delayed, cut into other pieces, broken, half-open, all of it repeatable. */
export function simulator(options: SimulatorOptions): Transport {
  const { clock, delayMs = [0, 0], split = 'none', loss = 0, boundaries = 'stream' } = options
  if (boundaries === 'message' && split !== 'none')
    throw new TypeError('Messages keep their boundaries: split needs the boundaries stream')
  if (!(delayMs[0] >= 0 && delayMs[1] >= delayMs[0]))
    throw new TypeError('delayMs is a pair of milliseconds, the smaller first')
  const seed = options.seed ?? 1
  const faultsOf = faultPlan(options.faults)
  const waiting = new Map<number, SimulatedLink>()

  return transportOver(
    'simulator',
    options,
    ({ from, to, direction, connection }) => {
      const nature: LinkNature = {
        clock,
        // Each direction has numbers of its own, so that what one side does cannot shift the other's.
        random: randomFrom(Math.imul(seed, 0x9e3779b1) + connection * 2 + (direction === 'toServer' ? 0 : 1)),
        delayMs,
        split,
        loss,
        faults: faultsOf(connection)[direction] ?? [],
        boundaries,
      }
      const link = new SimulatedLink(from, to, nature)
      const twin = waiting.get(connection)
      if (twin) {
        waiting.delete(connection)
        link.twin = twin
        twin.twin = link
      } else waiting.set(connection, link)
      return link
    },
    split === 'none',
  )
}

function faultPlan(faults: SimulatorOptions['faults']): (connection: number) => ConnectionFaults {
  if (typeof faults === 'function') return faults
  return () => faults ?? {}
}

/** A repeatable sequence of numbers in [0, 1): a Weyl sequence behind a mixing function. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}
