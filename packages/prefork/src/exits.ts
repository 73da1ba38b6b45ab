import type { Clock } from '@hawser/contract'
import { codeOf } from '@hawser/transport-socket'
import type { Exit } from './carrier.js'

/** How many exits are too many. */
export interface ExitLimits {
  readonly maxExits: number
  readonly exitsWithinMs: number
}

// Who is killed with one of these was so by somebody, or by a system short of memory; the rest a program does to itself.
const outside: ReadonlySet<string> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'])

const passing: ReadonlySet<string> = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM'])

/** Counts the exits nobody asked for, to tell a program that cannot live from one that had an accident. */
export class Exits {
  readonly #clock: Clock
  readonly #limits: ExitLimits
  readonly #times: number[] = []

  constructor(clock: Clock, limits: ExitLimits) {
    this.#clock = clock
    this.#limits = limits
  }

  /** Counts one. True from the first that is too many. */
  add({ signal, error }: Exit, ready: boolean): boolean {
    // The system had no process to give; it may have later.
    if (passing.has(codeOf(error) ?? '')) return false
    // Killing does not make a program that cannot live: it is waited for longer and longer, but never given up.
    if (ready && signal !== null && outside.has(signal)) return false
    const now = this.#clock.now()
    const { maxExits, exitsWithinMs } = this.#limits
    this.#times.push(now)
    while (this.#times[0]! <= now - exitsWithinMs) this.#times.shift()
    return this.#times.length > maxExits
  }
}

const firstMs = 100
const longestMs = 10_000

/** How long to wait before a server that has failed so many times in a row is replaced: not at all, then 0.1 s to 10 s. */
export function waitAfter(failures: number): number {
  return failures <= 1 ? 0 : Math.min(longestMs, firstMs * 2 ** (failures - 2))
}
