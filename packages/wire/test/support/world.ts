import {
  type Body,
  type Call,
  type CallKind,
  type Headers,
  type Limits,
  type LogEntry,
  limitsWith,
  type Notification,
  type Peer,
  type ProtocolContext,
  type Reply,
  RpcError,
  type Session,
  type VirtualClock,
  virtualClock,
} from '@hawser/contract'
import type { Test } from 'tap'
import { type NativeOptions, native } from '../../src/native.js'
import { CallScope } from '../../src/scope.js'
import { TimerWheel } from '../../src/wheel.js'
import { type Pair, type PairOptions, pair } from './pair.js'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export function utf8(text: string): Uint8Array {
  return encoder.encode(text)
}
export function textOf(body: Body | undefined): string {
  if (!(body instanceof Uint8Array)) throw new Error('not bytes')
  return decoder.decode(body)
}

/** One side's surroundings, and what it was told. */
export interface Side {
  readonly context: ProtocolContext
  readonly counts: Map<string, number>
  readonly logs: LogEntry[]
  readonly notifications: Notification[]
  readonly opened: Session[]
}

export interface SideOptions extends Partial<Omit<ProtocolContext, 'limits'>> {
  readonly limits?: Partial<Limits> | undefined
}

export function side(clock: VirtualClock, timers: TimerWheel, options: SideOptions = {}): Side {
  const counts = new Map<string, number>()
  const logs: LogEntry[] = []
  const notifications: Notification[] = []
  const opened: Session[] = []
  const { limits, ...rest } = options
  const context: ProtocolContext = {
    clock,
    timers,
    codecs: ['raw'],
    log: (entry) => void logs.push(entry),
    count: (event) => void counts.set(event, (counts.get(event) ?? 0) + 1),
    peer: (session) => peerOf(session),
    notified: (message) => void notifications.push(message),
    opened: (session) => void opened.push(session),
    ...rest,
    limits: limitsWith(limits),
  }
  return { context, counts, logs, notifications, opened }
}

let peers = 0

export function peerOf(session: Session): Peer {
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

export interface CallOptions {
  readonly kind?: CallKind | undefined
  readonly input?: Body | string | undefined
  readonly timeoutMs?: number | undefined
  readonly codec?: string | undefined
  readonly headers?: Headers | undefined
  readonly probe?: boolean | undefined
}

/** A call as a client would make it. */
export class TestCall extends CallScope implements Call {
  readonly method: string
  readonly kind: CallKind
  readonly codec: string
  readonly headers: Headers
  readonly input: Body
  readonly probe: boolean

  constructor(method: string, deadline: number, options: CallOptions) {
    super(deadline)
    this.method = method
    this.kind = options.kind ?? 'unary'
    this.codec = options.codec ?? 'raw'
    this.headers = options.headers ?? new Map()
    const { input = '' } = options
    this.input = typeof input === 'string' ? utf8(input) : input
    this.probe = options.probe ?? false
  }
}

/** A call under way and what came of it, once. */
export interface Made {
  readonly call: TestCall
  /** How often it settled: 1 when all is well. */
  settled: number
  reply: Reply | undefined
  error: RpcError | undefined
  /** Resolves when it has settled. */
  readonly done: Promise<Made>
  cancel(): void
}

/** Makes a call by a session, with its deadline on the wheel. */
export function make(timers: TimerWheel, session: Session, method: string, options: CallOptions = {}): Made {
  const { timeoutMs = Infinity } = options
  const codec = options.codec ?? session.codecs[0]
  const call = new TestCall(method, timers.clock.now() + timeoutMs, { ...options, codec })
  let told: (made: Made) => void = () => {}
  const made: Made = {
    call,
    settled: 0,
    reply: undefined,
    error: undefined,
    done: new Promise((resolve) => {
      told = resolve
    }),
    cancel: () => call.cancel(new RpcError('cancelled', 'Cancelled by the test', { reason: 'cancelled' })),
  }
  const settle = () => {
    made.settled++
    timers.remove(call)
    told(made)
  }
  if (call.deadline !== Infinity) timers.add(call, call.deadline)
  session.begin(call, {
    replied(reply) {
      made.reply = reply
      settle()
      // The items of a stream are under the deadline as well.
      if (!(reply.output instanceof Uint8Array) && call.deadline !== Infinity) timers.add(call, call.deadline)
    },
    failed(error) {
      made.error = error
      settle()
    },
  })
  return made
}

/** Everything that comes out of a stream, as text; the error it ends with comes last. */
export async function items(body: Body | undefined): Promise<unknown[]> {
  if (!body || body instanceof Uint8Array) throw new Error('not a stream')
  const all: unknown[] = []
  try {
    for await (const item of body) all.push(decoder.decode(item))
  } catch (error) {
    all.push(error)
  }
  return all
}

export async function* stream(...texts: string[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const text of texts) yield utf8(text)
}

/** A promise and its keys. */
export interface Gate<T> {
  readonly promise: Promise<T>
  open(value: T): void
  fail(error: unknown): void
}
export function gate<T = void>(): Gate<T> {
  let open: (value: T) => void = () => {}
  let fail: (error: unknown) => void = () => {}
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve
    fail = reject
  })
  return { promise, open, fail }
}

export interface World {
  readonly clock: VirtualClock
  readonly timers: TimerWheel
  readonly pair: Pair
  readonly opener: Session
  readonly acceptor: Session
  readonly openerSide: Side
  readonly acceptorSide: Side
  call(method: string, options?: CallOptions): Made
  /** A call of the acceptor's. */
  callBack(method: string, options?: CallOptions): Made
  /** Ends what is left, and checks that nothing stays behind. */
  end(t: Test): Promise<void>
}

export interface WorldOptions extends Omit<PairOptions, 'clock' | 'limits'> {
  readonly clock?: VirtualClock | undefined
  readonly opener?: SideOptions | undefined
  readonly acceptor?: SideOptions | undefined
  readonly native?: NativeOptions | undefined
}

/** Two native sessions on the two ends of one connection, in virtual time. */
export function world(options: WorldOptions = {}): World {
  const clock = options.clock ?? virtualClock()
  const timers = new TimerWheel(clock)
  const both = pair({ clock, cut: options.cut, split: options.split })
  const openerSide = side(clock, timers, options.opener)
  const acceptorSide = side(clock, timers, options.acceptor)
  const protocol = native(options.native)
  const acceptor = protocol.serve(both.acceptor, acceptorSide.context)
  const opener = protocol.open(both.opener, openerSide.context)
  return {
    clock,
    timers,
    pair: both,
    opener,
    acceptor,
    openerSide,
    acceptorSide,
    call: (method, callOptions) => make(timers, opener, method, callOptions),
    callBack: (method, callOptions) => make(timers, acceptor, method, callOptions),
    async end(t) {
      opener.abort(new RpcError('cancelled', 'The test is over', { reason: 'closed' }))
      acceptor.abort(new RpcError('cancelled', 'The test is over', { reason: 'closed' }))
      await clock.settle()
      timers.close()
      t.equal(clock.pending, 0, 'no timer is left')
      t.equal(opener.active, 0, 'the opener has no call left')
    },
  }
}
