import { RpcError } from '@hawser/contract'
import type { RelayChannel } from './channel.js'
import { type Frame, Kind } from './frames.js'
import { Line, type LineOwner } from './line.js'
import type { Relay, RelayedPath, RelayedTopic, RelayOptions } from './relay.js'
import { type RelaySettings, settingsOf } from './settings.js'

/** A thread's or process's side of a relay. Made by {@link relayMember}. */
export class Member implements Relay, LineOwner {
  readonly #settings: RelaySettings
  readonly #line: Line
  readonly #topics = new Map<string, Set<RelayedTopic>>()
  readonly #refused = new Set<string>()
  // Topics here that can take no more for now.
  readonly #blocking = new Set<object>()
  readonly #waiting = new Set<() => void>()

  constructor(channel: RelayChannel, options: RelayOptions) {
    this.#settings = settingsOf(options)
    this.#line = new Line(channel, this.#settings, this, Kind.hello)
  }

  /** Is the hub gone? */
  get ended(): boolean {
    return !this.#line.open
  }

  /** Sends what is left, and takes part no more. */
  close(): void {
    this.#line.close()
    this.#everybodyFree()
  }

  join(path: string, topic: RelayedTopic, free: () => void): RelayedPath {
    const known = this.#topics.get(path)
    if (known) known.add(topic)
    else this.#topics.set(path, new Set([topic]))
    // Also for one more of a path, which has to learn the number of the last message.
    this.#line.send(Kind.join, path)
    return this.#publishing(path, free, () => {
      const topics = this.#topics.get(path)
      topics?.delete(topic)
      if (topics?.size !== 0) return
      this.#topics.delete(path)
      this.#line.send(Kind.leave, path)
    })
  }

  publishing(path: string, free: () => void): RelayedPath {
    return this.#publishing(path, free, () => undefined)
  }

  // ---- for the line -------------------------------------------------------------------------------------------

  frame(line: Line, { kind, path, codec, number, body }: Frame): void {
    const topics = this.#topics.get(path)
    switch (kind) {
      case Kind.message:
        line.owe()
        if (topics) for (const topic of topics) topic.relayed(number, codec, body)
        if (this.#blocking.size === 0) line.settle()
        return
      case Kind.joined:
        if (topics) for (const topic of topics) topic.joined(number)
        return
      case Kind.refused:
        this.#refused.add(path)
        this.#settings.log({
          level: 'warn',
          event: 'relay_no_topic',
          message: `Nobody has the topic ${path} that was published to`,
          method: path,
        })
        return
      default:
        this.malformed()
    }
  }

  malformed(): void {
    const message = 'A message of a relay made no sense'
    this.#settings.log({ level: 'warn', event: 'relay_malformed', message })
  }

  eased(line: Line): void {
    if (!line.full) this.#everybodyFree()
  }

  closed(): void {
    this.#settings.log({ level: 'warn', event: 'relay_closed', message: 'The hub of a relay is gone' })
    this.#everybodyFree()
  }

  // -------------------------------------------------------------------------------------------------------------

  #everybodyFree(): void {
    for (const free of [...this.#waiting]) free()
  }

  #publishing(path: string, free: () => void, leave: () => void): RelayedPath {
    const member = this
    const key = {}
    this.#waiting.add(free)
    return {
      get room() {
        return !member.#line.full || member.ended
      },
      publish(codec, body) {
        if (member.ended) throw gone()
        if (member.#refused.delete(path)) throw new TypeError(`There is no topic ${path}`)
        if (member.#line.overflowing) throw tooMuch(path)
        member.#line.send(Kind.publish, path, 0, codec, body)
      },
      full(is) {
        if (is) member.#blocking.add(key)
        else if (member.#blocking.delete(key) && member.#blocking.size === 0) member.#line.settle()
      },
      leave() {
        this.full(false)
        member.#waiting.delete(free)
        leave()
      },
    }
  }
}

/** A member of the relay whose hub is at the other end of the channel. Give it to topics as `relay`, or to publishers. */
export function relayMember(channel: RelayChannel, options: RelayOptions = {}): Member {
  return new Member(channel, options)
}

function gone(): RpcError {
  return new RpcError('unavailable', 'The hub of the relay is gone', {
    reason: 'connection_lost',
    executed: 'no',
    retryable: false,
  })
}

function tooMuch(path: string): RpcError {
  return new RpcError('resource_exhausted', `Too many messages of ${path} are under way`, {
    reason: 'overloaded',
    executed: 'no',
  })
}
