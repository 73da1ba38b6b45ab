import {
  type Call,
  type Cancel,
  type Dialer,
  type Peer,
  type Protocol,
  type ProtocolContext,
  type ReplySink,
  RpcError,
  type Session,
} from '@hawser/contract'
import type { Runtime } from '@hawser/wire'
import { Delivery } from './delivery.js'
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

  /** Sends a call; the sink hears of it once, after as many attempts as are allowed. */
  begin(call: Call, sink: ReplySink): void {
    this.retries.counted()
    this.attempt(new Delivery(this, call, sink))
  }

  /** For deliveries: one attempt. */
  attempt(delivery: Delivery): void {
    if (this.#session?.open) this.#session.begin(delivery.call, delivery)
    else this.#wait(delivery)
  }

  /** For deliveries: this one waits no more. */
  forget(delivery: Delivery): void {
    this.#waiting.delete(delivery)
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

  async close(reason: RpcError, signal: AbortSignal | undefined): Promise<void> {
    this.#closed = reason
    this.runtime.clock.clear(this.#redial)
    this.#redial = undefined
    this.#dialing?.abort(reason)
    this.#failWaiting(reason)
    await Promise.all([...this.#sessions].map((session) => session.close(signal ? { signal } : {})))
  }

  #wait(delivery: Delivery): void {
    if (this.#closed) {
      delivery.failed(this.#closed)
      return
    }
    const { waitingCalls } = this.runtime.limits
    if (this.#waiting.size >= waitingCalls) {
      delivery.failed(
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
    // While a redial is scheduled, calls wait for it: they must not make the waits void.
    if (!this.#dialing && this.#redial === undefined) void this.#dial()
  }

  async #dial(): Promise<void> {
    const { dialer, protocol, runtime } = this.#parts
    const { clock, limits } = runtime
    const controller = new AbortController()
    this.#dialing = controller
    const late = clock.timer(limits.connectMs, () =>
      controller.abort(unreachable(this.address, `no connection within ${limits.connectMs} ms`)),
    )
    try {
      const connection = await dialer.dial(this.address, { signal: controller.signal })
      if (this.#closed) {
        connection.abort(this.#closed)
        return
      }
      this.#ready(protocol.open(connection, this.#context))
    } catch (error) {
      const aborted: unknown = controller.signal.reason
      this.#failed(
        RpcError.is(aborted)
          ? aborted
          : RpcError.from(error, 'unavailable', { reason: 'unreachable', executed: 'no' }),
      )
    } finally {
      clock.clear(late)
      this.#dialing = undefined
    }
  }

  #ready(session: Session): void {
    this.#session = session
    this.#sessions.add(session)
    this.#waits.ready()
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const delivery of waiting) {
      delivery.goes()
      session.begin(delivery.call, delivery)
    }
    void session.closed.then((reason) => this.#lost(session, reason))
  }

  #failed(error: RpcError): void {
    if (this.#closed) return
    this.runtime.count('dial_failed')
    if (this.#parts.reconnect && error.retryable) this.#redialLater()
    else this.#failWaiting(error)
  }

  #lost(session: Session, reason: RpcError | undefined): void {
    this.#sessions.delete(session)
    if (this.#session !== session) return
    this.#session = undefined
    if (this.#closed) return
    for (const entry of [...this.#connecting])
      entry.failed(reason ?? unreachable(this.address, 'the other side hung up'))
    if (this.#parts.reconnect && (reason?.retryable ?? true)) this.#redialLater()
  }

  #redialLater(): void {
    if (this.#redial !== undefined) return
    this.#redial = this.runtime.clock.timer(this.#waits.next(), () => {
      this.#redial = undefined
      if (!this.#session?.open && !this.#dialing) void this.#dial()
    })
  }

  #failWaiting(error: RpcError): void {
    for (const entry of [...this.#connecting]) entry.failed(error)
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const delivery of waiting) {
      delivery.goes()
      delivery.failed(error)
    }
  }
}

function unreachable(address: string, why: string): RpcError {
  return new RpcError('unavailable', `${address} cannot be reached: ${why}`, {
    reason: 'unreachable',
    executed: 'no',
  })
}
