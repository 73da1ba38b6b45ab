import {
  type Clock,
  type Codec,
  type Limits,
  type Log,
  limitsWith,
  type Peer,
  type ProtocolContext,
  type RpcError,
  type Session,
  systemClock,
  type Type,
} from '@hawser/contract'
import { consoleLog, limitedLog } from './log.js'
import { NoticeCodecs } from './notice-codecs.js'
import { SessionPeer } from './peer.js'
import { Turn } from './turn.js'
import { TimerWheel } from './wheel.js'

/** What everything that calls, or is called, may be told. */
export interface RuntimeOptions {
  /** The preferred first. At least one. */
  readonly codecs: readonly Codec[]
  /** Changes to the default limits. */
  readonly limits?: Partial<Limits> | undefined
  /** Default: `systemClock()`. */
  readonly clock?: Clock | undefined
  /** Default: warnings and errors to the console. */
  readonly log?: Log | undefined
  /** The types of notifications, by name. One without a type is laid out by what it is, which some codecs cannot. */
  readonly notices?: Readonly<Record<string, Type>> | undefined
}

/** What a server and a client tell of their connections. What a hook throws is logged, and harms nothing. */
export interface ConnectionHooks {
  /** The handshake is done. */
  onConnect?(connection: Peer): void | Promise<void>
  /**
   * A connection that `onConnect` told of has ended.
   * @param reason undefined where this side closed it, and all went well; otherwise why it ended, be it that the other side
   *   closed it (`closed`, `draining`, `idle` …), and by its `retryable` whether another connection makes sense
   */
  onClose?(connection: Peer, reason: RpcError | undefined): void | Promise<void>
  /** Takes the notifications of the other side. Without it they are dropped, and counted. */
  onNotify?(type: string, message: unknown, connection: Peer): void | Promise<void>
}

/** What a server or a client adds to what protocols need. */
export type OwnContext = Pick<
  ProtocolContext,
  'handler' | 'methods' | 'credential' | 'authenticate' | 'turnAway' | 'opened'
>

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
  readonly #notices: NoticeCodecs
  readonly #prefix: string
  #peers = 0

  /** @throws TypeError for no codec, two of one name, or limits that are none */
  constructor({ codecs, limits, clock, log, notices }: RuntimeOptions) {
    this.limits = limitsWith(limits)
    this.clock = clock ?? systemClock()
    this.timers = new TimerWheel(this.clock)
    this.turn = new Turn(this.clock)
    this.log = limitedLog(log ?? consoleLog, this.clock, this.limits)
    for (const codec of codecs)
      if (typeof codec?.encode !== 'function')
        throw new TypeError('A codec is what its factory makes: codecs: [json()], not [json]')
    this.codecs = new Map(codecs.map((codec) => [codec.name, codec]))
    if (codecs.length === 0) throw new TypeError('A stack needs at least one codec')
    if (this.codecs.size < codecs.length) throw new TypeError('Two codecs have the same name')
    this.#notices = new NoticeCodecs(this.codecs, notices)
    this.#prefix = Math.floor(this.clock.random() * 36 ** 6)
      .toString(36)
      .padStart(6, '0')
  }

  count(event: string): void {
    this.counters.set(event, (this.counters.get(event) ?? 0) + 1)
  }

  /** What protocols need of their surroundings. `own.opened` is told of a connection before `onConnect` is. */
  context({ onConnect, onClose, onNotify }: ConnectionHooks, own: OwnContext): ProtocolContext {
    const { limits, clock, timers, log, codecs } = this
    const context: ProtocolContext = {
      ...own,
      limits,
      clock,
      timers,
      log,
      codecs: [...codecs.keys()],
      codec: (name) => codecs.get(name),
      count: (event) => this.count(event),
      peer: (session) => this.#peer(session),
      opened: (session) => {
        const { peer } = session
        own.opened?.(session)
        this.#hook('onConnect', onConnect, peer)
        void session.closed.then((reason) => this.#hook('onClose', onClose, peer, reason))
      },
    }
    if (onNotify)
      context.notified = ({ type, codec, body }, { peer }) => {
        let message: unknown
        try {
          message = this.#notices.of(type, codec)!.decode(body)
        } catch (error) {
          this.#unreadable(error)
          return
        }
        this.#hook('onNotify', onNotify, type, message, peer)
      }
    return context
  }

  close(): void {
    this.timers.close()
  }

  #peer(session: Session): SessionPeer {
    return new SessionPeer(`${this.#prefix}-${++this.#peers}`, session, this.#notices)
  }

  // What a callback of the user's throws is the log's, and nobody else's.
  #hook<A extends unknown[]>(
    hook: string,
    callback: ((...args: A) => unknown) | undefined,
    ...args: A
  ): void {
    if (!callback) return
    const failed = (error: unknown) =>
      this.log({ level: 'error', event: 'hook_failed', message: `${hook} threw`, hook, error })
    try {
      const result = callback(...args)
      if (result instanceof Promise) result.catch(failed)
    } catch (error) {
      failed(error)
    }
  }

  // A notification that cannot be decoded is counted and dropped.
  #unreadable(error: unknown): void {
    const event = 'notification_bad_payload'
    this.count(event)
    this.log({ level: 'warn', event, message: 'A notification was not readable', error })
  }
}
