import { readFileSync } from 'node:fs'

/** Why a connection was turned away, or not even seen; the closed set of what is counted. */
export type WsEvent =
  /** The listener has as many connections as it may. */
  | 'ws_drop_connections'
  /** One peer address has as many as it may. */
  | 'ws_drop_peer'
  /** Too many have not finished their handshake. */
  | 'ws_drop_unauthenticated'
  /** The system could not hand over a connection, for want of file descriptors for example. */
  | 'ws_accept_failed'
  /** A page of an origin that is not allowed. */
  | 'ws_refused_origin'
  /** A request that is no WebSocket of this listener: another path, no upgrade, no common sub-protocol, malformed. */
  | 'ws_refused_request'
  /** It took too long, or ended before it became a WebSocket. */
  | 'ws_handshake_failed'
  /** TLS came to nothing: a wrong certificate, something that is no TLS, or too slow. */
  | 'tls_handshake_failed'

/** How many connections a listener takes. */
export interface Caps {
  readonly connections: number
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
  // Whatever stands for a connection whose handshake is not done: its socket until the upgrade, then itself.
  readonly #fresh = new Set<object>()
  #count = 0

  constructor(caps: Caps) {
    this.#caps = caps
  }

  /** Takes a place for a connection from this host, or tells why there is none. */
  enter(host: string): WsEvent | undefined {
    const count = this.#byHost.get(host) ?? 0
    if (this.#count >= this.#caps.connections) return 'ws_drop_connections'
    if (count >= this.#caps.perPeer) return 'ws_drop_peer'
    if (this.#fresh.size >= this.#caps.unauthenticated) return 'ws_drop_unauthenticated'
    this.#byHost.set(host, count + 1)
    this.#count++
    return undefined
  }

  leave(host: string): void {
    this.#count--
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
