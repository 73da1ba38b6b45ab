import type { Peer } from '@hawser/contract'
import type { Server } from '@hawser/server'

/** What is known of a topic by its path. */
export interface Counted {
  readonly size: number
}

/** The topics of one server, and how many subscriptions each connection has to them. */
export class Topics {
  readonly byPath: Map<string, Counted> = new Map()
  readonly #subscriptions = new WeakMap<Peer, number>()

  /** How many subscriptions a connection has. */
  of(peer: Peer): number {
    return this.#subscriptions.get(peer) ?? 0
  }

  joined(peer: Peer): void {
    this.#subscriptions.set(peer, this.of(peer) + 1)
  }

  left(peer: Peer): void {
    this.#subscriptions.set(peer, this.of(peer) - 1)
  }
}

const known = new WeakMap<Server, Topics>()

/** The topics of a server. */
export function topicsOf(server: Server): Topics {
  let topics = known.get(server)
  if (!topics) {
    topics = new Topics()
    known.set(server, topics)
  }
  return topics
}

/**
 * How many subscribers a topic has at the moment.
 * @throws TypeError where the server has no topic of that path
 */
export function subscribers(server: Server, path: string): number {
  const topic = topicsOf(server).byPath.get(path)
  if (!topic) throw new TypeError(`There is no topic ${path}`)
  return topic.size
}
