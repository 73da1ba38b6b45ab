import {
  type Clock,
  type Codec,
  type Limits,
  type Log,
  limitsWith,
  type Notification,
  type Session,
  systemClock,
} from '@hawser/contract'
import { consoleLog, limitedLog } from './log.js'
import { SessionPeer } from './peer.js'
import { Turn } from './turn.js'
import { TimerWheel } from './wheel.js'

/** What a server and a client are both told. */
export interface RuntimeOptions {
  readonly codecs: readonly Codec[]
  readonly limits?: Partial<Limits> | undefined
  readonly clock?: Clock | undefined
  readonly log?: Log | undefined
}

/** What a server and a client are both made on: limits, time, log, codecs, counters, and the names of their peers. */
export class Runtime {
  readonly limits: Limits
  readonly clock: Clock
  readonly timers: TimerWheel
  /** For deadlines that need not be exact. */
  readonly turn: Turn
  readonly log: Log
  readonly codecs: ReadonlyMap<string, Codec>
  /** How often each event of a closed set has happened. */
  readonly counters: Map<string, number> = new Map()
  readonly #prefix: string
  #peers = 0

  /** @throws TypeError for no codec, two of one name, or limits that are none */
  constructor({ codecs, limits, clock, log }: RuntimeOptions) {
    this.limits = limitsWith(limits)
    this.clock = clock ?? systemClock()
    this.timers = new TimerWheel(this.clock)
    this.turn = new Turn(this.clock)
    this.log = limitedLog(log ?? consoleLog, this.clock, this.limits)
    this.codecs = new Map(codecs.map((codec) => [codec.name, codec]))
    if (codecs.length === 0) throw new TypeError('A stack needs at least one codec')
    if (this.codecs.size < codecs.length) throw new TypeError('Two codecs have the same name')
    this.#prefix = Math.floor(this.clock.random() * 36 ** 6)
      .toString(36)
      .padStart(6, '0')
  }

  count(event: string): void {
    this.counters.set(event, (this.counters.get(event) ?? 0) + 1)
  }

  peer(session: Session): SessionPeer {
    return new SessionPeer(`${this.#prefix}-${++this.#peers}`, session, this.codecs)
  }

  /** Runs a callback of the user's: what it throws is the log's, and nobody else's. */
  hook<A extends unknown[]>(name: string, callback: ((...args: A) => unknown) | undefined, ...args: A): void {
    if (!callback) return
    const failed = (error: unknown) =>
      this.log({ level: 'error', event: 'hook_failed', message: `${name} threw`, error })
    try {
      const result = callback(...args)
      if (result instanceof Promise) result.catch(failed)
    } catch (error) {
      failed(error)
    }
  }

  /** The message of a notification, given to a callback; one that cannot be decoded is counted and dropped. */
  notified(notification: Notification, deliver: (message: unknown) => void): void {
    let message: unknown
    try {
      message = this.codecs.get(notification.codec)!.decode(notification.body)
    } catch (error) {
      this.count('notification_bad_payload')
      this.log({
        level: 'warn',
        event: 'notification_bad_payload',
        message: 'A notification was not readable',
        error,
      })
      return
    }
    deliver(message)
  }

  close(): void {
    this.timers.close()
  }
}
