import type { Cancel, Clock, Codec, Type } from '@hawser/contract'
import { RpcError, systemClock } from '@hawser/contract'
import { numberBytes } from '@hawser/wire'
import { noRoom } from '../failures.js'
import { Room } from '../room.js'
import type { Relay, RelayedPath } from './relay.js'

/** What a publisher may be told. */
export interface PublisherOptions {
  /** One that the server of the topic has as well. */
  readonly codec: Codec
  /** The type of messages, where the topic has one. */
  readonly type?: Type | undefined
  /** Milliseconds that `ready` and `publishWhenReady` wait at most. Default 10,000. */
  readonly patienceMs?: number | undefined
  /** Default: `systemClock()`. */
  readonly clock?: Clock | undefined
}

/** Publishes to a topic of another thread or process. Made by {@link publisher}. */
export class Publisher<T = unknown> implements Disposable {
  readonly path: string
  readonly #codec: Codec
  readonly #relayed: RelayedPath
  readonly #room: Room
  readonly #key = {}
  #closed = false

  constructor(relay: Relay, path: string, options: PublisherOptions) {
    const { codec, type, patienceMs = 10_000, clock = systemClock() } = options
    this.path = path
    this.#codec = type ? (codec.typed?.(type) ?? codec) : codec
    this.#room = new Room({ clock, patienceMs, mostWaiters: 1_024, overflow: () => noRoom(path) })
    this.#relayed = relay.publishing(path, () => this.#room.set(this.#key, false))
  }

  /**
   * Sends a message to the topic: in the order of these calls, between those of others.
   * @returns false when it should wait: then {@link ready} tells when it may go on
   * @throws RpcError for a value that cannot travel, when far too much is under way, when the hub is gone; TypeError once
   *   after there was no such topic, and when this was closed
   */
  publish(value: T): boolean {
    if (this.#closed) throw new TypeError(`The publisher of ${this.path} is closed`)
    this.#relayed.publish(this.#codec.name, this.#codec.encode(value, numberBytes))
    const { room } = this.#relayed
    if (!room) this.#room.set(this.#key, true)
    return room
  }

  /** Resolves when more may be published. */
  ready(options: Cancel = {}): Promise<void> {
    return this.#room.wait(() => undefined, options)
  }

  /** Publishes once it may, in the order of these calls. */
  publishWhenReady(value: T, options: Cancel = {}): Promise<void> {
    return this.#room.wait(() => void this.publish(value), options)
  }

  /** Idempotent. The topic goes on. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#room.close(
      new RpcError('cancelled', 'The publisher was closed', { reason: 'closed', executed: 'no' }),
    )
    this.#relayed.leave()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** Publishes to a topic that another thread or process has. Nothing is awaited, and nothing told of whether it exists. */
export function publisher<T = unknown>(relay: Relay, path: string, options: PublisherOptions): Publisher<T> {
  return new Publisher(relay, path, options)
}
