import type { Clock, Log } from '@hawser/contract'

/** A topic of this process, as its relay sees it. */
export interface RelayedTopic {
  /** The number of the last message before it joined. */
  joined(sequence: number): void
  /**
   * A message, in order.
   * @param body with `numberBytes` in front, which hold the number
   */
  relayed(number: number, codec: string, body: Uint8Array): void
}

/** What a topic publishes through. */
export interface RelayedPath {
  /** May more be published? When not, `free` is called once it may. */
  readonly room: boolean
  /**
   * Has a message ordered and sent to all.
   * @param body with `numberBytes` in front
   * @throws RpcError `unavailable` when the hub is gone, `resource_exhausted` when far too many are under way
   */
  publish(codec: string, body: Uint8Array): void
  /** The topic can take no more for now, or again: publishers everywhere are to wait. */
  full(is: boolean): void
  leave(): void
}

/**
 * What orders the messages of topics that live in several threads or processes: one of them has the hub, the others are
 * members.
 */
export interface Relay {
  /** A topic takes part. @param free called when there is room again */
  join(path: string, topic: RelayedTopic, free: () => void): RelayedPath
  /** For publishing without having the topic. @throws by `publish` TypeError, once, after nobody was found to have it */
  publishing(path: string, free: () => void): RelayedPath
}

/** What hubs and members may be told. */
export interface RelayOptions {
  /** Messages under way in one direction until the other side waits, per member. Default 1,024. */
  readonly window?: number | undefined
  /** Bytes of such, likewise. Default 4 MiB. */
  readonly windowBytes?: number | undefined
  /** Bytes of one message at the most. Default: the limit `sendBytes`, 4 MiB. */
  readonly messageBytes?: number | undefined
  /** Milliseconds that publishers wait for a member that takes nothing; then it misses messages. Default 10,000. */
  readonly patienceMs?: number | undefined
  /** Default: `systemClock()`. */
  readonly clock?: Clock | undefined
  /** Default: warnings and errors to the console. */
  readonly log?: Log | undefined
}
