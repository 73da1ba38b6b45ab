import { readFileSync } from 'node:fs'

/** Why there is no place for a connection. */
export type Refusal =
  /** Its host has as many as it may. */
  | 'peer'
  /** Too many have not finished their handshake. */
  | 'unauthenticated'

/** How many connections a listener takes. */
export interface Caps {
  readonly connections: number
  /** Infinity where peers have no address of their own. */
  readonly perPeer: number
  readonly unauthenticated: number
}

// With few connections in all, a share of them would be too few to begin with.
const leastUnauthenticated = 16
const descriptorShare = 0.8
// Node itself holds some thirty, and a program its files.
const otherDescriptors = 64

/** Caps that fit each other and the system. */
export function capsFor(connections: number, perPeer: number, unauthenticatedShare: number): Caps {
  const descriptors = descriptorLimit()
  const affordable = Math.min(Math.floor(descriptorShare * descriptors), descriptors - otherDescriptors)
  const total = Math.max(1, Math.min(connections, affordable))
  const share = Math.floor(unauthenticatedShare * total)
  return {
    connections: total,
    perPeer,
    unauthenticated: Math.min(total, Math.max(leastUnauthenticated, share)),
  }
}

// Linux only. Elsewhere there is no cheap way to ask, and the configured number stands alone.
function descriptorLimit(): number {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1]
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

/** Counts the connections of one listener against its caps. */
export class Admission {
  readonly #caps: Caps
  readonly #byHost = new Map<string, number>()
  // Whatever stands for a connection whose handshake is not done: its socket during TLS, then itself.
  readonly #fresh = new Set<object>()

  constructor(caps: Caps) {
    this.#caps = caps
  }

  /** Takes a place for a connection, from this host where it has one, or tells why there is none. */
  enter(host?: string): Refusal | undefined {
    const count = host === undefined ? 0 : (this.#byHost.get(host) ?? 0)
    if (count >= this.#caps.perPeer) return 'peer'
    if (this.#fresh.size >= this.#caps.unauthenticated) return 'unauthenticated'
    if (host !== undefined) this.#byHost.set(host, count + 1)
    return undefined
  }

  leave(host: string): void {
    const count = (this.#byHost.get(host) ?? 0) - 1
    if (count > 0) this.#byHost.set(host, count)
    else this.#byHost.delete(host)
  }

  /** It has begun its handshake. */
  begin(one: object): void {
    this.#fresh.add(one)
  }

  /** It has finished its handshake, or is gone. */
  finish(one: object): void {
    this.#fresh.delete(one)
  }
}
