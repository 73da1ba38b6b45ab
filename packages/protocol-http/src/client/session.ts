import {
  type Call,
  type Cancel,
  type Connection,
  type Handler,
  type Notification,
  type Peer,
  type ProtocolContext,
  type Reply,
  type ReplySink,
  RpcError,
  type Session,
} from '@hawser/contract'
import { closedError, closeGracefully, drainedError, lostError } from '@hawser/wire'
import type { HttpOptions } from '../options.js'
import type { CallEntry, Calling } from './call-entry.js'
import { Layouts } from './layout.js'
import { LengthPullCall } from './length-pull.js'
import { Pool } from './pool.js'
import { PullCall } from './pull-call.js'
import { RequestCall } from './request.js'
import { hostOf } from './request-head.js'
import { StreamCall } from './stream-call.js'

const defaultConnections = 8

/** The calling side: a call is a request, and as many connections are made as there are calls at a time, up to a number. */
export class ClientSession implements Session {
  readonly connection: Connection
  readonly identity: undefined = undefined
  readonly handler: Handler
  readonly closed: Promise<RpcError | undefined>
  readonly #context: ProtocolContext
  readonly #options: HttpOptions
  readonly #calling: Calling
  readonly #calls = new Set<CallEntry>()
  readonly #most: number
  readonly #mostRequests: number
  // Those that wait for their turn, and those that have theirs. Calls with items of an answer may go on for ever, and take no turns.
  readonly #waiting = new Set<CallEntry>()
  readonly #requests = new Set<CallEntry>()
  #resolve: (reason: RpcError | undefined) => void = () => {}
  #state: 'open' | 'closing' | 'ended' = 'open'
  #peer: Peer | undefined
  #drainTimer: unknown

  constructor(connection: Connection, context: ProtocolContext, options: HttpOptions) {
    const { clock, limits, dial } = context
    this.connection = connection
    this.#context = context
    this.#options = options
    this.#most = limits.inFlight
    this.#mostRequests = dial ? (options.connections ?? defaultConnections) : 1
    this.closed = new Promise((resolve) => {
      this.#resolve = resolve
    })
    this.handler = (call) =>
      new Promise<Reply>((replied, failed) => {
        this.begin(call, { replied, failed })
      })
    const credential = context.credential?.()
    const owner = {
      dial: dial && (() => dial()),
      idleMs: limits.idleMs,
      timer: (milliseconds: number, callback: () => void) => clock.timer(milliseconds, callback),
      clear: (handle: unknown) => clock.clear(handle),
      lost: (error: RpcError | undefined) => this.#lost(error),
    }
    this.#calling = {
      pool: new Pool(connection, owner),
      layouts: new Layouts(context, options),
      head: {
        host: hostOf(connection.peer.address),
        limits,
        clock,
        authorization: credential && new TextDecoder().decode(credential),
      },
      window: limits.streamWindow,
      receiveBytes: limits.receiveBytes,
      handshakeMs: limits.handshakeMs,
      released: (entry) => this.#released(entry),
    }
    // Nothing is agreed on: it is ready as soon as whoever opened it knows of it.
    queueMicrotask(() => {
      if (this.#state === 'open') context.opened?.(this)
    })
  }

  get peer(): Peer {
    this.#peer ??= this.#context.peer(this)
    return this.#peer
  }
  get codecs(): readonly string[] {
    return this.#context.codecs
  }
  get open(): boolean {
    return this.#state === 'open'
  }
  get active(): number {
    return this.#calls.size
  }

  begin(call: Call, sink: ReplySink): void {
    if (this.#state !== 'open') {
      sink.failed(closedError())
      return
    }
    if (this.#calls.size >= this.#most) {
      sink.failed(tooMany())
      return
    }
    const entry = this.#entry(call, sink)
    this.#calls.add(entry)
    call.onCancel(entry)
    if (entry.over) return
    if (!takesTurns(entry)) this.#send(entry)
    else if (this.#requests.size < this.#mostRequests && this.#waiting.size === 0) this.#next(entry)
    else this.#waiting.add(entry)
  }

  notify(_message: Notification): boolean {
    this.#context.count('notification_unsupported')
    return false
  }

  close(options: Cancel = {}): Promise<void> {
    return closeGracefully(this, () => this.#leave(), options)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  abort(reason: RpcError): void {
    this.#end(reason, lostError(reason))
  }

  #entry(call: Call, sink: ReplySink): CallEntry {
    const { kind, codec, probe, input } = call
    if (probe || kind === 'unary' || kind === 'oneway') return new RequestCall(this.#calling, call, sink)
    const amrpc = this.#options.profile === 'amrpc'
    // Only msgpack has a sub-protocol besides JSON, which server-sent events carry as well, and with a request.
    const byWebSocket =
      kind === 'server-stream' &&
      (amrpc || (codec === 'msgpack' && input instanceof Uint8Array && input.length === 0))
    if (!byWebSocket) return new StreamCall(this.#calling, call, sink)
    const local = this.connection.peer.address.startsWith('ipc:')
    return amrpc && local
      ? new LengthPullCall(this.#calling, call, sink)
      : new PullCall(this.#calling, call, sink)
  }

  #turn(): void {
    for (const entry of this.#waiting) {
      if (this.#requests.size >= this.#mostRequests) return
      this.#waiting.delete(entry)
      this.#next(entry)
    }
  }

  #next(entry: CallEntry): void {
    this.#requests.add(entry)
    this.#send(entry)
  }

  #send(entry: CallEntry): void {
    try {
      entry.send()
    } catch (error) {
      const { code } = error as { readonly code?: string }
      const kind = code?.startsWith('ERR_') ? 'invalid_argument' : 'internal'
      entry.fail(RpcError.from(error, kind, { executed: 'no' }))
    }
  }

  #released(entry: CallEntry): void {
    this.#calls.delete(entry)
    this.#waiting.delete(entry)
    // Node gives the connection back a tick after its answer has come.
    if (this.#requests.delete(entry) && this.#waiting.size > 0) process.nextTick(() => this.#turn())
    if (this.#state === 'closing') this.#drained()
  }

  #leave(): void {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    const { clock, limits } = this.#context
    this.#drainTimer = clock.timer(limits.drainMs, () => this.abort(drainedError()))
    this.#calling.pool.leave()
    this.#drained()
  }

  #drained(): void {
    if (this.#calls.size === 0) this.#end(undefined, closedError())
  }

  #lost(error: RpcError | undefined): void {
    const reason = error ?? lostError()
    this.#end(reason, error?.reason === 'unreachable' ? error : lostError(reason))
  }

  #end(reason: RpcError | undefined, told: RpcError): void {
    if (this.#state === 'ended') return
    const drained = this.#state === 'closing' && reason === undefined
    this.#state = 'ended'
    this.#context.clock.clear(this.#drainTimer)
    for (const entry of [...this.#calls]) entry.fail(told)
    void this.#calling.pool.end(drained ? undefined : (reason ?? told)).then(() => this.#resolve(reason))
  }
}

function takesTurns({ call: { kind, probe } }: CallEntry): boolean {
  return probe || (kind !== 'server-stream' && kind !== 'duplex')
}

function tooMany(): RpcError {
  return new RpcError('resource_exhausted', 'Too many calls of this connection are under way', {
    reason: 'overloaded',
    executed: 'no',
  })
}
