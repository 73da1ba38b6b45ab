import type { Cancel, Clock, Codec, Dialer, Limits, Peer, Session } from '@hawser/contract'
import { RpcError } from '@hawser/contract'
import { cutShortError } from '@hawser/wire'
import type { Abortable } from './call.js'
import type { ClientCall } from './client-call.js'
import type { Deadlines } from './deadlines.js'
import { tooManyWait, unreachable } from './loss.js'
import { OpenerSession, type SessionContext } from './session.js'
import type { Signals } from './signals.js'
import { Waits } from './waits.js'

/** What all endpoints of a client share. */
export interface Surroundings {
  readonly clock: Clock
  readonly limits: Limits
  readonly codecs: ReadonlyMap<string, Codec>
  readonly deadlines: Deadlines
  readonly signals: Signals
  /** Streams of answers that are being read. */
  readonly streams: Set<Abortable>
  readonly reconnect: boolean
  readonly context: SessionContext
}

interface PeerWait {
  found(peer: Peer): void
  failed(reason: unknown): void
}

/** One address, and the one connection to it that all calls share. Until the first call it is a description only. */
export class Endpoint {
  readonly address: string
  readonly surroundings: Surroundings
  /** The codecs both sides have, the preferred first; all while that is not known. */
  codecs: readonly Codec[]
  readonly #dialer: Dialer
  readonly #waits: Waits
  readonly #waiting = new Set<ClientCall>()
  // Those who wait for a connection itself, rather than for a call.
  readonly #connects = new Set<PeerWait>()
  readonly #sessions = new Set<OpenerSession>()
  #session: OpenerSession | undefined
  // One that is known to take no more calls.
  #leaving: Session | undefined
  #dialing: AbortController | undefined
  #redial: unknown
  #closed: RpcError | undefined

  constructor(address: string, dialer: Dialer, surroundings: Surroundings) {
    this.address = address
    this.surroundings = surroundings
    this.codecs = [...surroundings.codecs.values()]
    this.#dialer = dialer
    this.#waits = new Waits(surroundings.clock, surroundings.limits)
  }

  /** Sends a call, now or when there is a connection. */
  begin(call: ClientCall): void {
    if (this.#session?.open) {
      this.#session.begin(call, call)
      return
    }
    const refusal = this.#refusal
    if (refusal) call.giveUp(refusal)
    else if (this.#waiting.size >= this.surroundings.limits.waitingCalls) call.giveUp(tooManyWait())
    else {
      this.#waiting.add(call)
      this.#warm()
    }
  }

  /** A call waits no more: true where it did. */
  forget(call: ClientCall): boolean {
    return this.#waiting.delete(call)
  }

  /** Resolves with the other end when the handshake is done. */
  connect({ signal }: Cancel): Promise<Peer> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const refusal = this.#refusal
      if (refusal) throw refusal
      const session = this.#session
      if (session?.open && session.link.greeted) {
        resolve(session.peer)
        return
      }
      const aborted = () => wait.failed(signal?.reason)
      const over = () => {
        signal?.removeEventListener('abort', aborted)
        this.#connects.delete(wait)
      }
      const wait: PeerWait = {
        found(peer) {
          over()
          resolve(peer)
        },
        failed(reason) {
          over()
          reject(reason)
        },
      }
      signal?.addEventListener('abort', aborted, { once: true })
      this.#connects.add(wait)
      if (!session?.open) this.#warm()
    })
  }

  /** Takes no more calls, and lets running ones end. */
  async close(reason: RpcError): Promise<void> {
    this.#closed = reason
    this.surroundings.clock.clear(this.#redial)
    this.#dialing?.abort(reason)
    this.#failAll(reason)
    await Promise.all([...this.#sessions].map((session) => session.close()))
  }

  /** Ends what {@link close} waits for. */
  abort(): void {
    for (const session of this.#sessions) session.abort(cutShortError())
  }

  get #refusal(): RpcError | undefined {
    return this.#closed ?? (this.#dialing ? undefined : this.#waits.refusal)
  }

  // Makes a connection where none is being made. While a redial is scheduled, calls wait for it: they must not make the
  // waits void.
  #warm(): void {
    if (this.#dialing || this.#redial !== undefined) return
    const { demandMs } = this.#waits
    if (demandMs > 0) this.#redialIn(demandMs)
    else void this.#dial()
  }

  async #dial(): Promise<void> {
    const { clock, limits, context } = this.surroundings
    const controller = new AbortController()
    this.#dialing = controller
    const late = clock.timer(limits.connectMs, () =>
      controller.abort(unreachable(this.address, `no connection within ${limits.connectMs} ms`)),
    )
    let opened: OpenerSession | RpcError
    try {
      const connection = await this.#dialer.dial(this.address, { signal: controller.signal })
      try {
        if (this.#closed) throw this.#closed
        opened = new OpenerSession(connection, {
          ...context,
          opened: (session) => this.#opened(session),
          leaving: (session, reason) => this.#left(session, reason),
        })
      } catch (error) {
        opened = RpcError.from(error, 'internal', { executed: 'no' })
        connection.abort(opened)
      }
    } catch (error) {
      const aborted = controller.signal.reason
      // What is no address will not become one.
      if (RpcError.is(aborted)) opened = aborted
      else if (error instanceof TypeError)
        opened = RpcError.from(error, 'invalid_argument', { executed: 'no' })
      else opened = RpcError.from(error, 'unavailable', { reason: 'unreachable', executed: 'no' })
    }
    clock.clear(late)
    // Before anything is told: a call that fails at once may ask for another attempt.
    this.#dialing = undefined
    if (RpcError.is(opened)) this.#unreached(opened)
    else this.#ready(opened)
  }

  #ready(session: OpenerSession): void {
    this.#session = session
    this.#sessions.add(session)
    this.#waits.ready()
    for (const call of this.#emptied()) session.begin(call, call)
    void session.closed.then((reason) => this.#lost(session, reason))
  }

  #opened(session: Session): void {
    const { codecs, context } = this.surroundings
    this.codecs = session.codecs.flatMap((name) => codecs.get(name) ?? [])
    context.opened?.(session)
    for (const wait of this.#connects) wait.found(session.peer)
  }

  #unreached(error: RpcError): void {
    if (this.#closed) return
    if (this.surroundings.reconnect && error.retryable) {
      this.#waits.ended(error)
      this.#redialIn(this.#waits.waitMs)
    } else this.#failAll(error)
  }

  // No call is handed to it any more, be it that it has ended or that it soon will.
  #left(session: Session, reason: RpcError | undefined): void {
    if (this.#leaving === session || this.#session !== session) return
    this.#leaving = session
    this.#waits.ended(reason)
  }

  #lost(session: OpenerSession, reason: RpcError | undefined): void {
    this.#sessions.delete(session)
    if (this.#session !== session) return
    this.#left(session, reason)
    this.#session = undefined
    if (this.#closed) return
    for (const wait of this.#connects)
      wait.failed(reason ?? unreachable(this.address, 'the other side hung up'))
    const again = this.surroundings.reconnect && (reason?.retryable ?? true)
    if (again && !this.#dialing && this.#redial === undefined) this.#redialIn(this.#waits.waitMs)
  }

  #redialIn(waitMs: number): void {
    this.#redial = this.surroundings.clock.timer(waitMs, () => {
      this.#redial = undefined
      if (!this.#session?.open && !this.#dialing) void this.#dial()
    })
  }

  #emptied(): readonly ClientCall[] {
    const calls = [...this.#waiting]
    this.#waiting.clear()
    return calls
  }

  #failAll(error: RpcError): void {
    for (const wait of this.#connects) wait.failed(error)
    for (const call of this.#emptied()) call.giveUp(error)
  }
}
