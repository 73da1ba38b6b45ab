import {
  type Call,
  type Cancel,
  type Connection,
  type Dialer,
  type Peer,
  type Protocol,
  type ProtocolContext,
  RpcError,
  type Session,
} from '@hawser/contract'
import type { Runtime } from '@hawser/wire'
import type { CallSink } from './caller.js'
import { Delivery, unreachable } from './delivery.js'
import { ReconnectWaits, RetryPolicy } from './retry.js'

/** What an endpoint is made of. */
export interface EndpointParts {
  readonly address: string
  readonly dialer: Dialer
  readonly protocol: Protocol
  readonly context: ProtocolContext
  readonly runtime: Runtime
  readonly reconnect: boolean
}

interface Connecting {
  opened(peer: Peer): void
  failed(error: RpcError): void
}

/** One address, and the one connection to it that all calls share. Until the first call it is a description only. */
export class Endpoint {
  readonly address: string
  readonly runtime: Runtime
  readonly retries: RetryPolicy
  readonly #parts: EndpointParts
  readonly #waits: ReconnectWaits
  readonly #waiting = new Set<Delivery>()
  readonly #pausing = new Set<Delivery>()
  readonly #sessions = new Set<Session>()
  readonly #connecting = new Set<Connecting>()
  readonly #context: ProtocolContext
  // The session whose handshake is done.
  #opened: Session | undefined
  #session: Session | undefined
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
      opened: (session) => {
        parts.context.opened?.(session)
        this.#opened = session
        for (const entry of [...this.#connecting]) entry.opened(session.peer)
      },
    }
    this.retries = new RetryPolicy(clock, limits)
    this.#waits = new ReconnectWaits(clock, limits)
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

  /** For deliveries: one more attempt. */
  attempt(delivery: Delivery): void {
    if (this.#pausing.delete(delivery)) delivery.goes()
    if (this.#session?.open) this.#session.begin(delivery.call, delivery)
    else this.#wait(delivery)
  }

  /** For deliveries: this one lets some time pass before its next attempt. */
  pauses(delivery: Delivery): void {
    this.#pausing.add(delivery)
  }

  /** For deliveries: this one waits no more. */
  forget(delivery: Delivery): void {
    this.#waiting.delete(delivery)
    this.#pausing.delete(delivery)
  }

  /** Resolves with the other end when the handshake is done. */
  connect({ signal }: Cancel): Promise<Peer> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const aborted = () => settle(() => reject(signal?.reason))
      const entry: Connecting = {
        opened: (peer) => settle(() => resolve(peer)),
        failed: (error) => settle(() => reject(error)),
      }
      const settle = (tell: () => void) => {
        signal?.removeEventListener('abort', aborted)
        this.#connecting.delete(entry)
        tell()
      }
      signal?.addEventListener('abort', aborted, { once: true })
      if (this.#closed) entry.failed(this.#closed)
      else if (this.#session?.open && this.#opened === this.#session) entry.opened(this.#session.peer)
      else {
        this.#connecting.add(entry)
        if (!this.#session?.open && !this.#dialing && this.#redial === undefined) void this.#dial()
      }
    })
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
    this.#disconnected(reason)
    for (const each of [...emptied(this.#waiting), ...emptied(this.#pausing)]) each.giveUp(reason)
    await Promise.all([...this.#sessions].map((session) => session.close()))
  }

  /** Ends what {@link close} waits for. */
  abort(): void {
    for (const session of this.#sessions)
      session.abort(new RpcError('cancelled', 'Closing was cut short', { reason: 'closed' }))
  }

  #wait(delivery: Delivery): void {
    if (this.#closed) {
      delivery.giveUp(this.#closed)
      return
    }
    const { waitingCalls } = this.runtime.limits
    if (this.#waiting.size >= waitingCalls) {
      delivery.giveUp(
        new RpcError('resource_exhausted', 'Too many calls wait for a connection', {
          reason: 'overloaded',
          executed: 'no',
          retryable: false,
        }),
      )
      return
    }
    this.#waiting.add(delivery)
    delivery.waits()
    // While a redial is scheduled, calls wait for it: they must not make the waits void. One that is cancelled already
    // waits for nothing.
    const waits = this.#waiting.has(delivery)
    if (waits && !this.#dialing && this.#redial === undefined) void this.#dial()
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
    for (const delivery of emptied(this.#waiting)) session.begin(delivery.call, delivery)
    void session.closed.then((reason) => this.#lost(session, reason))
  }

  #failed(error: RpcError): void {
    if (this.#closed) return
    this.runtime.count('dial_failed')
    if (this.#parts.reconnect && error.retryable) this.#redialLater()
    else {
      this.#disconnected(error)
      for (const delivery of emptied(this.#waiting)) delivery.unreached(error)
    }
  }

  #lost(session: Session, reason: RpcError | undefined): void {
    this.#sessions.delete(session)
    if (this.#session !== session) return
    this.#session = undefined
    if (this.#closed) return
    this.#disconnected(reason ?? unreachable(this.address, 'the other side hung up'))
    if (this.#parts.reconnect && (reason?.retryable ?? true)) this.#redialLater()
  }

  #redialLater(): void {
    if (this.#redial !== undefined) return
    this.#redial = this.runtime.clock.timer(this.#waits.next(), () => {
      this.#redial = undefined
      if (!this.#session?.open && !this.#dialing) void this.#dial()
    })
  }

  // For those who asked for the connection itself.
  #disconnected(error: RpcError): void {
    for (const entry of [...this.#connecting]) entry.failed(error)
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
