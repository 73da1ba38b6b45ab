import { type Codec, type Dialer, RpcError } from '@hawser/contract'
import type { Call } from './call.js'
import type { Deadlines } from './deadlines.js'
import { exhausted, unavailable } from './fault.js'
import { openSession } from './open-session.js'
import type { Session, SessionOwner } from './session.js'
import { waits } from './waits.js'

/** What all endpoints of a client share. */
export interface Around
  extends Pick<SessionOwner, 'limits' | 'clock' | 'credential' | 'opened' | 'notified' | 'faulty'> {
  readonly codecs: readonly Codec[]
  readonly reconnect: boolean
  /** Those that go on. */
  readonly calls: Deadlines<Call>
  readonly signals: WeakMap<AbortSignal, Set<Call>>
}

/** One address, and the one connection to it that all calls share. Until the first call it is a description only. */
export interface Endpoint {
  readonly address: string
  readonly around: Around
  /** The codecs both sides have, the preferred first; all while that is not known. */
  codecs: readonly Codec[]
  /** Sends a call, now or when there is a connection with room for it. */
  begin(call: Call): void
  /** A call waits no more: true where it did. */
  forget(call: Call): boolean
  /** Resolves when the handshake is done. */
  connect(signal?: AbortSignal): Promise<Session>
  /** Takes no more calls, and lets running ones end. */
  close(reason: RpcError): Promise<unknown>
  /** Ends what `close` waits for. */
  abort(reason: RpcError): void
}

/** Who waits for a connection itself, rather than for a call. */
interface Waiter {
  resolve(session: Session): void
  reject(error: unknown): void
}

export function endpoint(address: string, dialer: Dialer, around: Around): Endpoint {
  const { limits, clock, reconnect } = around
  const pauses = waits(clock, limits)
  // In the order they came, for a connection or for room on it.
  const waiting = new Set<Call>()
  const waiters = new Set<Waiter>()
  const sessions = new Set<Session>()
  let waitingBytes = 0
  let current: Session | undefined
  // One that is known to take no more calls.
  let leftSession: Session | undefined
  let dialing: AbortController | undefined
  let redial: unknown
  let closed: RpcError | undefined

  const unreachable = (why: string) =>
    unavailable('unreachable', `${address} cannot be reached: ${why}`, 'no')
  const refusal = () => closed ?? (dialing ? undefined : pauses.refusal())

  const send = (call: Call) => {
    call.session = current
    current?.send(call)
  }

  const forget = (call: Call) => {
    const waited = waiting.delete(call)
    if (waited) waitingBytes -= call.body.length
    return waited
  }

  const failAll = (error: RpcError) => {
    for (const waiter of waiters) waiter.reject(error)
    for (const call of [...waiting]) {
      forget(call)
      call.failed(error)
    }
  }

  const freed = (session: Session) => {
    if (session === current)
      for (const call of waiting) {
        if (!session.fits(call)) break
        forget(call)
        send(call)
      }
  }

  // Makes a connection where there is none and none is being made. While a redial is scheduled, calls wait for it: they must
  // not make the waits void.
  const warm = () => {
    if (!current?.open() && !dialing && redial === undefined) redialIn(pauses.demandMs())
  }

  const redialIn = (waitMs: number) => {
    if (waitMs > 0)
      redial ??= clock.timer(waitMs, () => {
        redial = undefined
        if (!current?.open() && !dialing) void dial()
      })
    else void dial()
  }

  const leaving = (session: Session, reason: RpcError | undefined) => {
    if (leftSession === session || current !== session) return
    leftSession = session
    pauses.ended(reason)
    if (waiting.size > 0) warm()
  }

  const owner: SessionOwner = {
    ...around,
    codecs: around.codecs.map(({ name }) => name),
    freed,
    leaving,
    opened(session) {
      const names = session.codecs()
      self.codecs = around.codecs.filter(({ name }) => names.includes(name))
      around.opened(session)
      for (const waiter of waiters) waiter.resolve(session)
    },
  }

  const dial = async () => {
    const controller = new AbortController()
    const { signal } = controller
    dialing = controller
    const { connectMs } = limits
    const timer = clock.timer(connectMs, () =>
      controller.abort(unreachable(`no answer within ${connectMs} ms`)),
    )
    let error: RpcError | undefined
    try {
      const connection = await dialer.dial(address, { signal })
      try {
        if (closed) throw closed
        const session = openSession(connection, owner)
        sessions.add(session)
        current = session
        pauses.ready()
        void session.closed.then((reason) => lost(session, reason))
      } catch (thrown) {
        error = RpcError.from(thrown, 'internal', { executed: 'no' })
        connection.abort(error)
      }
    } catch (thrown) {
      // What is no address will not become one.
      const code = thrown instanceof TypeError ? 'invalid_argument' : 'unavailable'
      error = RpcError.is(signal.reason)
        ? signal.reason
        : RpcError.from(thrown, code, { reason: 'unreachable', executed: 'no' })
    }
    clock.clear(timer)
    // Before anything is told: a call that fails at once may ask for another attempt.
    dialing = undefined
    if (!error) freed(current!)
    else if (closed) return
    else if (reconnect && error.retryable) {
      pauses.ended(error)
      redialIn(pauses.ms())
    } else failAll(error)
  }

  const lost = (session: Session, reason: RpcError | undefined) => {
    sessions.delete(session)
    if (current !== session) return
    leaving(session, reason)
    current = undefined
    if (closed) return
    for (const waiter of waiters) waiter.reject(reason ?? unreachable('it hung up'))
    if (waiting.size > 0) warm()
    else if (reconnect && (reason?.retryable ?? true) && !dialing) redialIn(pauses.ms())
  }

  const self: Endpoint = {
    address,
    around,
    codecs: around.codecs,
    begin(call) {
      if (waiting.size === 0 && current?.fits(call)) {
        send(call)
        return
      }
      const refused = refusal()
      const bytes = waitingBytes + call.body.length
      if (refused) call.failed(refused)
      else if (waiting.size >= limits.waitingCalls || bytes > limits.waitingBytes)
        call.failed(exhausted('overloaded', 'Too many calls wait', 'no'))
      else {
        waitingBytes = bytes
        waiting.add(call)
        warm()
      }
    },
    forget,
    connect: (signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        if (current?.open() && current.greeted()) {
          resolve(current)
          return
        }
        const refused = refusal()
        if (refused) throw refused
        const aborted = () => waiter.reject(signal?.reason)
        const once =
          <T>(settle: (outcome: T) => void) =>
          (outcome: T) => {
            signal?.removeEventListener('abort', aborted)
            waiters.delete(waiter)
            settle(outcome)
          }
        const waiter: Waiter = { resolve: once(resolve), reject: once(reject) }
        signal?.addEventListener('abort', aborted)
        waiters.add(waiter)
        warm()
      }),
    close(reason) {
      closed = reason
      clock.clear(redial)
      dialing?.abort(reason)
      failAll(reason)
      return Promise.all([...sessions].map((session) => session.close()))
    },
    abort(reason) {
      for (const session of sessions) session.abort(reason)
    },
  }
  return self
}
