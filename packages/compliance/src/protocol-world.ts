import {
  type Body,
  type Call,
  type CallKind,
  type CancelListener,
  type Clock,
  type Codec,
  type Handler,
  type Headers,
  type Limits,
  type LogEntry,
  limitsWith,
  type Notification,
  type Peer,
  type Protocol,
  type ProtocolContext,
  type Reply,
  RpcError,
  type Session,
  type TimerEntry,
  type Timers,
  type VirtualClock,
  virtualClock,
} from '@hawser/contract'
import type { Test } from 'tap'
import { connectedPair, type TestConnection, type Way } from './protocol-connection.js'

/** What a protocol can do. Tests are skipped by these, and by nothing else. */
export interface ProtocolSupports {
  readonly kinds: readonly CallKind[]
  /** What its connections have to be; `both` where it minds neither. */
  readonly boundaries: 'stream' | 'message' | 'both'
  /** Any number of calls at a time. */
  readonly multiplexes: boolean
  /** The acceptor calls too. */
  readonly symmetric: boolean
  readonly notifications: boolean
  readonly headers: boolean
  /** A handler learns that its call was cancelled, other than by the end of the connection. */
  readonly cancels: boolean
  /** A handler learns how long its caller will wait. */
  readonly deadlines: boolean
  /** Errors keep reason, executed and details; without it, only their code and message. */
  readonly errorFacts: boolean
  /** A slow consumer of a stream stalls its producer, and nothing else. */
  readonly backpressure: boolean
  /** Calls taken before a close are answered after it. */
  readonly drains: boolean
}

/** What the suite needs. */
export interface ProtocolSuite {
  /** Where the tests go: the `t` of tap, or a subtest. */
  readonly test: Pick<Test, 'test'>
  readonly create: () => Protocol
  readonly supports: ProtocolSupports
  /** The codec of the bodies, which are JSON. Default `json`. */
  readonly codec?: string | undefined
  /** Of protocols that carry a call at a time: further connections may be made for calls beyond. Default false. */
  readonly dials?: boolean | undefined
  /** Of protocols that run on something of the platform: what to wait for until it has gone on, many times over. */
  readonly turn?: (() => Promise<void>) | undefined
}

/** Timers without a wheel: one timer of the clock each. */
class PlainTimers implements Timers {
  readonly clock: Clock
  readonly #handles = new Map<TimerEntry, unknown>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  add(entry: TimerEntry, at: number): void {
    this.remove(entry)
    if (at === Infinity) return
    entry._next = entry
    const handle = this.clock.timer(Math.max(0, at - this.clock.now()), () => {
      this.#handles.delete(entry)
      entry._next = undefined
      entry.expire()
    })
    this.#handles.set(entry, handle)
  }

  remove(entry: TimerEntry): void {
    this.clock.clear(this.#handles.get(entry))
    this.#handles.delete(entry)
    entry._next = undefined
  }
}

/** How a call of a test differs from a unary one without a deadline. */
export interface CallOptions {
  readonly kind?: CallKind | undefined
  /** A JSON value, or JSON values. */
  readonly input?: unknown
  readonly items?: readonly unknown[] | AsyncIterable<Uint8Array> | undefined
  readonly timeoutMs?: number | undefined
  readonly headers?: Headers | undefined
}

/** A call under way, and what came of it. */
export class MadeCall implements Call {
  readonly method: string
  readonly kind: CallKind
  readonly codec: string
  readonly headers: Headers
  readonly deadline: number
  readonly input: Body
  readonly probe = false
  cancelReason: RpcError | undefined
  reply: Reply | undefined
  error: RpcError | undefined
  /** How often it settled: once, when all is well. */
  settled = 0
  /** Resolves when it has settled. */
  readonly done: Promise<void>
  #settle: () => void = () => {}
  readonly #controller = new AbortController()
  #listeners: CancelListener[] = []
  readonly #timer: unknown
  readonly #clock: Clock

  constructor(clock: Clock, codec: string, method: string, options: CallOptions) {
    const { kind = 'unary', items, input = [], timeoutMs = Infinity } = options
    this.#clock = clock
    this.done = new Promise((resolve) => {
      this.#settle = resolve
    })
    this.method = method
    this.kind = kind
    this.codec = codec
    this.headers = options.headers ?? new Map()
    this.deadline = clock.now() + timeoutMs
    this.input = items === undefined ? json(input) : Array.isArray(items) ? sequence(items) : (items as Body)
    if (timeoutMs !== Infinity)
      this.#timer = clock.timer(timeoutMs, () =>
        this.cancel(
          new RpcError('deadline_exceeded', 'The deadline of the call has passed', { reason: 'deadline' }),
        ),
      )
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }
  onCancel(listener: CancelListener): void {
    if (this.cancelReason) listener.cancelled(this.cancelReason)
    else this.#listeners.push(listener)
  }
  offCancel(listener: CancelListener): void {
    this.#listeners = this.#listeners.filter((each) => each !== listener)
  }
  cancel(
    reason: RpcError = new RpcError('cancelled', 'Cancelled by the test', { reason: 'cancelled' }),
  ): void {
    if (this.cancelReason) return
    this.cancelReason = reason
    for (const listener of this.#listeners.splice(0)) listener.cancelled(reason)
    this.#controller.abort(reason)
  }

  replied(reply: Reply): void {
    this.settled++
    this.reply = reply
    this.#settle()
    if (reply.output instanceof Uint8Array) this.#clock.clear(this.#timer)
  }
  failed(error: RpcError): void {
    this.settled++
    this.error = error
    this.#settle()
    this.#clock.clear(this.#timer)
  }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export function json(value: unknown): Uint8Array {
  return value === undefined ? new Uint8Array(0) : encoder.encode(JSON.stringify(value))
}

function jsonCodec(name: string): Codec {
  return { name, contentType: 'application/json', encode: json, decode: valueIn }
}

/** The value of a body that is one. */
export function valueIn(body: Body | undefined): unknown {
  if (!(body instanceof Uint8Array)) throw new Error('The body is no bytes')
  return body.length === 0 ? undefined : JSON.parse(decoder.decode(body))
}

/** The values of a body that is a sequence, and at their end the error it breaks with. */
export async function valuesIn(body: Body | undefined): Promise<unknown[]> {
  if (!body || body instanceof Uint8Array) throw new Error('The body is no sequence')
  const values: unknown[] = []
  try {
    for await (const item of body) values.push(valueIn(item))
  } catch (error) {
    values.push(error)
  }
  return values
}

export async function* sequence(values: readonly unknown[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const value of values) yield json(value)
}

/** How a world differs from two sessions with defaults. */
export interface WorldOptions extends Partial<Omit<Way, 'clock'>> {
  readonly handler?: Handler | undefined
  /** Answers the acceptor's calls. */
  readonly openerHandler?: Handler | undefined
  readonly openerLimits?: Partial<Limits> | undefined
  readonly acceptorLimits?: Partial<Limits> | undefined
}

/** What one side was told. */
export interface Told {
  readonly logs: LogEntry[]
  readonly notifications: Notification[]
}

/** A session at each end of one connection, in virtual time. */
export class World {
  readonly clock: VirtualClock
  readonly opener: Session
  readonly acceptor: Session
  readonly connections: { readonly opener: TestConnection; readonly acceptor: TestConnection }
  readonly told: { readonly opener: Told; readonly acceptor: Told } = {
    opener: { logs: [], notifications: [] },
    acceptor: { logs: [], notifications: [] },
  }
  readonly #codec: string
  readonly #further: Session[] = []

  constructor(suite: ProtocolSuite, options: WorldOptions = {}) {
    const { boundaries } = suite.supports
    this.clock = virtualClock(1, suite.turn)
    this.#codec = suite.codec ?? 'json'
    this.connections = connectedPair({
      clock: this.clock,
      boundaries: options.boundaries ?? (boundaries === 'both' ? 'stream' : boundaries),
      split: options.split,
      cut: options.cut,
    })
    const protocol = suite.create()
    const timers = new PlainTimers(this.clock)
    const context = (told: Told, handler: Handler | undefined, limits: Partial<Limits> | undefined) =>
      contextOf(timers, this.#codec, told, handler, limits)
    this.acceptor = protocol.serve(
      this.connections.acceptor,
      context(this.told.acceptor, options.handler, options.acceptorLimits),
    )
    const opening = context(this.told.opener, options.openerHandler, options.openerLimits)
    const dial = async () => {
      const { opener, acceptor } = connectedPair({
        clock: this.clock,
        boundaries: this.connections.opener.boundaries,
      })
      this.#further.push(
        protocol.serve(acceptor, context(this.told.acceptor, options.handler, options.acceptorLimits)),
      )
      return opener
    }
    this.opener = protocol.open(this.connections.opener, suite.dials ? { ...opening, dial } : opening)
  }

  call(method: string, options: CallOptions = {}): MadeCall {
    return this.#begin(this.opener, method, options)
  }

  /** A call of the acceptor's. */
  callBack(method: string, options: CallOptions = {}): MadeCall {
    return this.#begin(this.acceptor, method, options)
  }

  /** Ends what is left, and checks that nothing stays behind. */
  async end(t?: Pick<Test, 'equal'>): Promise<void> {
    const over = new RpcError('cancelled', 'The test is over', { reason: 'closed' })
    this.opener.abort(over)
    for (const acceptor of [this.acceptor, ...this.#further]) acceptor.abort(over)
    await this.clock.settle()
    t?.equal(this.clock.pending, 0, 'no timer is left')
  }

  #begin(session: Session, method: string, options: CallOptions): MadeCall {
    const call = new MadeCall(this.clock, this.#codec, method, options)
    session.begin(call, call)
    return call
  }
}

let peers = 0

/** The surroundings of one session. */
export function contextOf(
  timers: Timers,
  codec: string,
  told: Told,
  handler?: Handler,
  limits?: Partial<Limits>,
): ProtocolContext {
  return {
    limits: limitsWith(limits),
    clock: timers.clock,
    timers,
    codecs: [codec],
    codec: (name) => (name === codec ? jsonCodec(name) : undefined),
    log: (entry) => void told.logs.push(entry),
    count: () => {},
    peer: peerOf,
    notified: (message) => void told.notifications.push(message),
    handler,
  }
}

/** Timers for a session that stands alone. */
export function plainTimers(clock: Clock): Timers {
  return new PlainTimers(clock)
}

function peerOf(session: Session): Peer {
  return {
    id: `peer-${++peers}`,
    info: session.connection.peer,
    identity: session.identity,
    handler: session.handler,
    codecs: session.codecs,
    closed: session.closed,
    notify: () => false,
    close: () => session.close(),
  }
}
