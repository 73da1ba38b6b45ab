import type { LogEntry } from '@hawser/contract'
import type { RelayChannel } from './channel.js'
import { type Frame, Kind } from './frames.js'
import { Line, type LineOwner } from './line.js'
import type { Relay, RelayedPath, RelayedTopic, RelayOptions } from './relay.js'
import { type RelaySettings, settingsOf } from './settings.js'

// Paths are kept with their numbers when nobody has them: a process that comes back goes on counting.
const mostPaths = 10_000

interface Ordered {
  sequence: number
  readonly topics: Set<RelayedTopic>
  readonly members: Set<Line>
}

/** Orders the messages of all members, and of this process. Made by {@link relayHub}. */
export class Hub implements Relay, LineOwner {
  readonly #settings: RelaySettings
  readonly #paths = new Map<string, Ordered>()
  readonly #lines = new Set<Line>()
  // Who can take no more for now: publishers everywhere wait for them.
  readonly #blocking = new Set<object>()
  // Who was waited for in vain: they miss messages until they have caught up.
  readonly #stalled = new Set<Line>()
  readonly #waiting = new Set<() => void>()
  #patience: unknown
  #dropped = 0
  #refused = 0

  constructor(options: RelayOptions) {
    this.#settings = settingsOf(options)
  }

  /** How many members there are. */
  get members(): number {
    return this.#lines.size
  }

  /** Messages that members did not get because they took none. */
  get dropped(): number {
    return this.#dropped
  }

  /** Messages on channels that made no sense. */
  get refused(): number {
    return this.#refused
  }

  /** A thread or process becomes a member, until its channel closes or what this returns is called. */
  attach(channel: RelayChannel): () => void {
    const line = new Line(channel, this.#settings, this, Kind.ready)
    this.#lines.add(line)
    return () => {
      line.close()
      this.closed(line)
    }
  }

  /** All members are let go. */
  close(): void {
    for (const line of [...this.#lines]) {
      line.close()
      this.closed(line)
    }
  }

  join(path: string, topic: RelayedTopic, free: () => void): RelayedPath {
    const ordered = this.#path(path)
    if (!ordered) throw new TypeError(`A relay has at most ${mostPaths} paths`)
    ordered.topics.add(topic)
    topic.joined(ordered.sequence)
    return this.#local(path, free, () => ordered.topics.delete(topic))
  }

  publishing(path: string, free: () => void): RelayedPath {
    return this.#local(path, free, () => undefined)
  }

  // ---- for the lines ------------------------------------------------------------------------------------------

  frame(line: Line, { kind, path, codec, body }: Frame): void {
    switch (kind) {
      case Kind.hello:
        line.greet(Kind.ready)
        return
      case Kind.join: {
        const ordered = this.#path(path)
        if (!ordered) {
          line.send(Kind.refused, path)
          return
        }
        ordered.members.add(line)
        line.send(Kind.joined, path, ordered.sequence)
        return
      }
      case Kind.leave:
        this.#paths.get(path)?.members.delete(line)
        return
      case Kind.publish:
        line.owe()
        if (!this.#order(path, codec, body)) line.send(Kind.refused, path)
        if (this.#blocking.size === 0) line.settle()
        return
      default:
        this.malformed(line)
    }
  }

  malformed(_line: Line): void {
    this.#refused++
    this.#log({ level: 'warn', event: 'relay_malformed', message: 'A message of a relay made no sense' })
  }

  eased(line: Line): void {
    if (line.full) return
    this.#stalled.delete(line)
    this.#unblock(line)
  }

  closed(line: Line): void {
    if (!this.#lines.delete(line)) return
    for (const { members } of this.#paths.values()) members.delete(line)
    this.#stalled.delete(line)
    this.#unblock(line)
  }

  // -------------------------------------------------------------------------------------------------------------

  #local(path: string, free: () => void, leave: () => void): RelayedPath {
    const hub = this
    const key = {}
    this.#waiting.add(free)
    return {
      get room() {
        return hub.#blocking.size === 0 || (hub.#blocking.size === 1 && hub.#blocking.has(key))
      },
      publish(codec, body) {
        if (!hub.#order(path, codec, body)) throw new TypeError(`There is no topic ${path}`)
      },
      full(is) {
        if (is) hub.#block(key)
        else hub.#unblock(key)
      },
      leave() {
        leave()
        hub.#waiting.delete(free)
        hub.#unblock(key)
      },
    }
  }

  #path(path: string): Ordered | undefined {
    let ordered = this.#paths.get(path)
    if (!ordered) {
      if (this.#paths.size >= mostPaths) return undefined
      ordered = { sequence: 0, topics: new Set(), members: new Set() }
      this.#paths.set(path, ordered)
    }
    return ordered
  }

  // False where nobody has the topic.
  #order(path: string, codec: string, body: Uint8Array): boolean {
    const ordered = this.#paths.get(path)
    if (!ordered || ordered.topics.size + ordered.members.size === 0) return false
    const number = ++ordered.sequence
    for (const line of ordered.members) {
      if (this.#stalled.has(line) || line.overflowing) {
        this.#dropped++
        continue
      }
      line.send(Kind.message, path, number, codec, body)
      if (line.full) this.#block(line)
    }
    for (const topic of ordered.topics) topic.relayed(number, codec, body)
    return true
  }

  #block(who: object): void {
    this.#blocking.add(who)
    const { clock, patienceMs } = this.#settings
    this.#patience ??= clock.timer(patienceMs, () => {
      this.#patience = undefined
      this.#giveUp()
    })
  }

  #unblock(who: object): void {
    if (!this.#blocking.delete(who) || this.#blocking.size > 0) return
    this.#settings.clock.clear(this.#patience)
    this.#patience = undefined
    for (const line of this.#lines) line.settle()
    for (const free of this.#waiting) free()
  }

  #giveUp(): void {
    for (const who of [...this.#blocking]) {
      // A topic of this process sees to its own subscribers.
      if (!(who instanceof Line)) continue
      this.#stalled.add(who)
      this.#log({ level: 'warn', event: 'relay_stalled', message: 'A member of a relay takes no messages' })
      this.#unblock(who)
    }
    if (this.#blocking.size > 0) {
      const [who] = this.#blocking
      this.#block(who!)
    }
  }

  #log(entry: LogEntry): void {
    this.#settings.log(entry)
  }
}

/**
 * The one who orders: in the thread or process that the others are started by. Give it to the topics of that one as `relay`, and
 * {@link Hub.attach} the channel of each other one.
 */
export function relayHub(options: RelayOptions = {}): Hub {
  return new Hub(options)
}
