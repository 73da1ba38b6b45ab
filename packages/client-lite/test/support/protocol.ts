import {
  type Call,
  type Connection,
  type Protocol,
  type ProtocolContext,
  type ReplySink,
  RpcError,
  type Session as WholeSession,
} from '@hawser/contract'
import { callKinds, closedError, native, notRun } from '@hawser/wire'
import { unavailable } from '../../src/fault.js'
import { Inflow } from '../../src/inflow.js'
import { openSession } from '../../src/open-session.js'
import type { Outflow } from '../../src/outflow.js'
import type { Outgoing } from '../../src/outgoing.js'
import type { Session } from '../../src/session.js'

/** A call of the contract's, as a session of this package takes it. */
class Bridged implements Outgoing {
  readonly method: string
  readonly kind: number
  readonly probe: boolean
  readonly codec: string
  readonly headers: Call['headers']
  readonly deadline: number
  readonly body: Uint8Array
  readonly items: AsyncIterable<Uint8Array> | undefined
  readonly inflow: Inflow | undefined
  id = 0
  codecIndex = 0
  outflow: Outflow | undefined
  cancelCode = 0
  session: Session | undefined
  #streams = false
  #told = false
  readonly call: Call
  readonly sink: ReplySink
  readonly waiting: Set<Bridged>

  constructor(call: Call, sink: ReplySink, waiting: Set<Bridged>, window: number) {
    const { input } = call
    this.call = call
    this.sink = sink
    this.waiting = waiting
    this.method = call.method
    this.kind = callKinds.indexOf(call.kind)
    this.probe = call.probe
    this.codec = call.codec
    this.headers = call.headers
    this.deadline = call.deadline
    this.body = input instanceof Uint8Array ? input : new Uint8Array(0)
    this.items = input instanceof Uint8Array ? undefined : input
    if (this.kind & 2)
      this.inflow = new Inflow(
        {
          begin() {},
          read: (bytes) => bytes,
          grant: (bytes) => this.session?.grant(this, bytes),
          stop: (reason) => this.cancelled(reason ?? new RpcError('cancelled', 'Stopped')),
        },
        window,
      )
  }

  // The contract hands the stream over when it begins.
  get streams(): boolean {
    return this.#streams
  }
  set streams(streams: boolean) {
    this.#streams = streams
    if (this.#told) return
    this.#told = true
    this.sink.replied({ output: this.inflow as AsyncIterable<Uint8Array> })
  }

  replied(output: Uint8Array): void {
    this.call.offCancel(this)
    if (this.#streams) this.inflow?.end()
    else if (!this.#told) this.sink.replied({ output })
    this.#told = true
  }
  failed(error: RpcError): void {
    this.call.offCancel(this)
    if (this.#streams) this.inflow?.end(error)
    else if (!this.#told) this.sink.failed(error)
    this.#told = true
  }
  cancelled(reason: RpcError): void {
    if (this.waiting.delete(this)) this.failed(reason.with({ executed: 'no' }))
    else {
      this.session?.cancel(this, reason)
      this.failed(reason)
    }
  }
}

/** A session of this package, as the contract has them: with the queue that is the endpoint's here. */
export function open(connection: Connection, context: ProtocolContext): WholeSession {
  const waiting = new Set<Bridged>()
  const { limits, clock, codecs } = context
  const failAll = (error: RpcError) => {
    for (const call of [...waiting]) {
      waiting.delete(call)
      call.failed(notRun(error))
    }
  }
  const begin = (call: Call, sink: ReplySink) => {
    const bridged = new Bridged(call, sink, waiting, limits.streamWindow)
    bridged.session = session
    call.onCancel(bridged)
    if (call.cancelReason) return
    if (!session.open()) bridged.failed(closedError())
    else if (waiting.size > 0 || !session.fits(bridged)) waiting.add(bridged)
    else session.send(bridged)
  }
  const session: Session = openSession(connection, {
    limits,
    clock,
    codecs,
    credential: () => context.credential?.(),
    opened: () => context.opened?.(whole),
    leaving(_, reason) {
      context.leaving?.(whole, reason)
      failAll(reason)
    },
    freed() {
      for (const call of waiting) {
        if (!session.fits(call)) break
        waiting.delete(call)
        session.send(call)
      }
    },
    notified: (type, codec, body) => context.notified?.({ type, codec, body }, whole),
    faulty: ({ reason, message }) =>
      context.log({ level: 'warn', event: `connection_${reason}`, message, peer: connection.peer.address }),
  })
  const whole: WholeSession = {
    connection,
    get peer() {
      return context.peer(whole)
    },
    identity: undefined,
    handler: (call) => new Promise((replied, failed) => begin(call, { replied, failed })),
    begin,
    get codecs() {
      return session.codecs()
    },
    closed: session.closed.then((reason) => {
      failAll(reason ?? closedError())
      return reason
    }),
    get open() {
      return session.open()
    },
    get active() {
      return session.active() + waiting.size
    },
    notify: ({ type, codec, body }) => session.notify(type, codec, body),
    async close({ signal } = {}) {
      const cutShort = () => session.abort(unavailable('closed', 'Closing was cut short'))
      if (signal?.aborted) cutShort()
      signal?.addEventListener('abort', cutShort)
      const closed = session.close()
      failAll(closedError())
      await closed
    },
    abort: (reason) => session.abort(reason),
    [Symbol.asyncDispose]: () => session.close(),
  }
  return whole
}

/** The whole protocol, its opener this package's. */
export const lite: Protocol = { ...native(), open }
