import {
  type Call,
  type Cancel,
  type Connection,
  type Dialer,
  type Peer,
  type Protocol,
  type ProtocolContext,
  type ReplySink,
  RpcError,
  type Session,
} from '@hawser/contract'
import type { Runtime } from '@hawser/wire'
import type { CallSink } from './caller.js'
import { Churn } from './churn.js'
import { Delivery, type Dispatcher, tooManyWait, unreachable } from './delivery.js'
import { PeerWaits } from './peer-waits.js'
import { ReconnectWaits, RetryPolicy } from './retry.js'
import type { Carrier } from './route.js'

/** What an endpoint is made of. */
export interface EndpointParts {
  readonly address: string
  readonly dialer: Dialer
  readonly protocol: Protocol
  readonly context: ProtocolContext
  readonly runtime: Runtime
  readonly reconnect: boolean
  /** Are calls that failed made again, redirections apart? */
  readonly retry: boolean
}

/** Is told of the connection. */
export interface EndpointWatcher {
  /** The handshake is done. */
  connected(): void
  /** The connection takes no more calls. */
  disconnected(): void
  /** None could be made. */
  unreachable(error: RpcError): void
}

/** One address, and the one connection to it that all calls share. Until the first call it is a description only. */
export class Endpoint implements Carrier, Dispatcher {
  readonly address: string
  readonly watchers: Set<EndpointWatcher> = new Set()
  readonly runtime: Runtime
  readonly retries: RetryPolicy
  readonly #parts: EndpointParts
  readonly #waits: ReconnectWaits
  readonly #churn: Churn
  readonly #waiting = new Set<Delivery>()
  readonly #pausing = new Set<Delivery>()
  readonly #sessions = new Set<Session>()
  readonly #peerWaits = new PeerWaits()
  readonly #context: ProtocolContext
  // The session whose handshake is done.
  #opened: Session | undefined
  #session: Session | undefined
  // One that is known to take no more calls.
  #leaving: Session | undefined
  #dialing: AbortController | undefined
  #redial: unknown
  #closed: RpcError | undefined

  constructor(parts: EndpointParts) {
    const { clock, limits } = parts.runtime
    this.address = parts.address
    this.runtime = parts.runtime
    this.#parts = parts
    this.#context = {
      ...parts.context,
      dial: (cancel) => parts.dialer.dial(parts.address, cancel),
      opened: (session) => {
        parts.context.opened?.(session)
        this.#opened = session
        this.#peerWaits.found(session.peer)
        if (this.connected) for (const watcher of [...this.watchers]) watcher.connected()
      },
      leaving: (session, reason) => {
        if (session === this.#session) this.#left(session, reason)
      },
    }
    this.retries = new RetryPolicy(clock, limits, parts.retry)
    this.#waits = new ReconnectWaits(clock, limits)
    this.#churn = new Churn(clock, limits)
  }

  get name(): string {
    return this.address
  }

  /** Is there a connection that takes calls, its handshake done? */
  get connected(): boolean {
    const session = this.#session
    return session !== undefined && session === this.#opened && session.open
  }

  /** Is one being made? */
  get dialing(): boolean {
    return this.#dialing !== undefined || (this.#session?.open === true && this.#session !== this.#opened)
  }

  /** Is one being made, now or after a wait? */
  get connecting(): boolean {
    return this.dialing || this.#redial !== undefined
  }

  /** Why nobody should wait for it, where it is being waited with. */
  get refusal(): RpcError | undefined {
    return this.dialing ? undefined : this.#churn.refusal
  }

  /** The other end, while connected. */
  get peer(): Peer | undefined {
    return this.connected ? this.#session?.peer : undefined
  }

  /** Makes a connection where there is none, and none is being made. */
  warm(): void {
    if (!this.#closed && !this.#session?.open && !this.connecting) this.#demand()
  }

  /** For groups, while {@link connected}: sends a call, and does not recover it. */
  carry(call: Call, sink: ReplySink): void {
    this.#session!.begin(call, sink)
  }

  /** Sends a call. The sink hears of it once; a failure it may have this endpoint {@link recover} from. */
  begin(call: Call, sink: CallSink): void {
    this.retries.counted()
    const session = this.#session
    if (session?.open) session.begin(call, sink)
    else this.#wait(new Delivery(this, call, sink))
  }

  /** Takes over a call that failed in its first attempt: true where it is tried again, and the sink will hear of it. */
  recover(call: Call, error: RpcError, sink: CallSink): boolean {
    return new Delivery(this, call, sink).again(error)
  }

  attempt(delivery: Delivery): void {
    if (this.#pausing.delete(delivery)) delivery.goes()
    if (this.#session?.open) this.#session.begin(delivery.call, delivery)
    else this.#wait(delivery)
  }

  pauses(delivery: Delivery): void {
    this.#pausing.add(delivery)
  }

  forget(delivery: Delivery): void {
    this.#waiting.delete(delivery)
    this.#pausing.delete(delivery)
  }

  /** Resolves with the other end when the handshake is done. */
  async connect({ signal }: Cancel): Promise<Peer> {
    signal?.throwIfAborted()
    const refusal = this.#closed ?? this.refusal
    if (refusal) throw refusal
    const { peer } = this
    if (peer) return peer
    const waited = this.#peerWaits.wait(signal)
    this.warm()
    return waited
  }

  /** The codecs that both sides have, once that is known. */
  get codecs(): readonly string[] | undefined {
    return this.#session?.codecs
  }

  /** Takes no more calls, and lets running ones end. */
  async close(reason: RpcError): Promise<void> {
    this.#closed = reason
    this.runtime.clock.clear(this.#redial)
    this.#redial = undefined
    this.#dialing?.abort(reason)
    this.#peerWaits.failed(reason)
    for (const each of [...emptied(this.#waiting), ...emptied(this.#pausing)]) each.giveUp(reason)
    await Promise.all([...this.#sessions].map((session) => session.close()))
  }

  /** Ends what {@link close} waits for. */
  abort(): void {
    for (const session of this.#sessions)
      session.abort(new RpcError('cancelled', 'Closing was cut short', { reason: 'closed' }))
  }

  #wait(delivery: Delivery): void {
    const refusal = this.#closed ?? this.refusal
    if (refusal) {
      delivery.giveUp(refusal)
      return
    }
    const { waitingCalls } = this.runtime.limits
    if (this.#waiting.size >= waitingCalls) {
      delivery.giveUp(tooManyWait())
      return
    }
    this.#waiting.add(delivery)
    delivery.waits()
    // While a redial is scheduled, calls wait for it: they must not make the waits void. One that is cancelled already
    // waits for nothing.
    if (this.#waiting.has(delivery)) this.warm()
  }

  #demand(): void {
    const { waitMs } = this.#churn
    if (waitMs > 0) this.#redialIn(waitMs)
    else void this.#dial()
  }

  async #dial(): Promise<void> {
    const { dialer, protocol, runtime } = this.#parts
    const { clock, limits } = runtime
    const controller = new AbortController()
    this.#dialing = controller
    const late = clock.timer(limits.connectMs, () =>
      controller.abort(unreachable(this.address, `no connection within ${limits.connectMs} ms`)),
    )
    let opened: Session | RpcError
    try {
      const connection = await dialer.dial(this.address, { signal: controller.signal })
      opened = this.#closed ?? open(connection, protocol, this.#context)
      if (RpcError.is(opened)) connection.abort(opened)
    } catch (error) {
      const aborted: unknown = controller.signal.reason
      opened = RpcError.is(aborted) ? aborted : dialError(error)
    }
    clock.clear(late)
    // Before anything is told: a call that fails at once may ask for another attempt.
    this.#dialing = undefined
    if (RpcError.is(opened)) this.#failed(opened)
    else this.#ready(opened)
  }

  #ready(session: Session): void {
    this.#session = session
    this.#sessions.add(session)
    this.#waits.ready()
    this.#churn.ready()
    for (const delivery of emptied(this.#waiting)) session.begin(delivery.call, delivery)
    void session.closed.then((reason) => this.#lost(session, reason))
  }

  #failed(error: RpcError): void {
    if (this.#closed) return
    this.runtime.count('dial_failed')
    if (this.#parts.reconnect && error.retryable) this.#redialLater()
    else {
      this.#peerWaits.failed(error)
      for (const delivery of emptied(this.#waiting)) delivery.unreached(error)
    }
    for (const watcher of [...this.watchers]) watcher.unreachable(error)
  }

  // No call is handed to it any more, be it that it has ended or that it soon will.
  #left(session: Session, reason: RpcError | undefined): void {
    if (this.#leaving === session) return
    this.#leaving = session
    this.#churn.ended(reason)
    for (const watcher of [...this.watchers])
      if (this.#opened === session) watcher.disconnected()
      else watcher.unreachable(reason ?? unreachable(this.address, 'the other side hung up'))
  }

  #lost(session: Session, reason: RpcError | undefined): void {
    this.#sessions.delete(session)
    if (this.#session !== session) return
    this.#left(session, reason)
    this.#session = undefined
    if (this.#closed) return
    this.#peerWaits.failed(reason ?? unreachable(this.address, 'the other side hung up'))
    if (this.#parts.reconnect && (reason?.retryable ?? true)) this.#redialLater()
  }

  #redialLater(): void {
    if (this.#redial === undefined) this.#redialIn(Math.max(this.#waits.next(), this.#churn.waitMs))
  }

  #redialIn(waitMs: number): void {
    this.#redial = this.runtime.clock.timer(waitMs, () => {
      this.#redial = undefined
      if (!this.#session?.open && !this.#dialing) void this.#dial()
    })
  }
}

function emptied(waiting: Set<Delivery>): readonly Delivery[] {
  const deliveries = [...waiting]
  waiting.clear()
  for (const delivery of deliveries) delivery.goes()
  return deliveries
}

// Without a session the connection is nobody's, so that whatever stands in the way has to be told as an error.
function open(connection: Connection, protocol: Protocol, context: ProtocolContext): Session | RpcError {
  try {
    return protocol.open(connection, context)
  } catch (error) {
    return RpcError.from(error, 'internal', { executed: 'no' })
  }
}

function dialError(error: unknown): RpcError {
  // What is no address will not become one.
  return error instanceof TypeError
    ? RpcError.from(error, 'invalid_argument', { executed: 'no' })
    : RpcError.from(error, 'unavailable', { reason: 'unreachable', executed: 'no' })
}
