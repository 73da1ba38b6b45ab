import {
  type Call,
  type Cancel,
  type Connection,
  type Handler,
  type Notification,
  type Peer,
  type ProtocolContext,
  type ReplySink,
  RpcError,
  type Session,
} from '@hawser/contract'
import { closeGracefully } from './closing.js'
import { noMethod } from './interning.js'
import { closedError, drainedError, lostError } from './loss.js'
import { deadlineError } from './scope.js'
import { ServedCall, type ServedCallOwner, type ServedCallParts, type ServedSink } from './served-call.js'

/**
 * The accepting side of a protocol whose peers call, and are never called: the life of the session and of its calls, written
 * once. What it reads, and what it writes, is its protocol's.
 */
export abstract class ServedSession implements Session, ServedCallOwner {
  readonly connection: Connection
  readonly closed: Promise<RpcError | undefined>
  identity: unknown = undefined
  protected readonly context: ProtocolContext
  readonly #calls = new Set<ServedCall>()
  #state: 'open' | 'closing' | 'ended' = 'open'
  #reason: RpcError | undefined
  #peer: Peer | undefined
  #drainTimer: unknown

  constructor(connection: Connection, context: ProtocolContext) {
    this.connection = connection
    this.context = context
    this.closed = connection.closed.then((reason) => {
      this.end(reason)
      return this.#reason
    })
  }

  /** This side closes: no more calls are to be read. Called once. */
  protected abstract leaving(): void

  /** All calls have been answered; what is left to write is to be written, and the connection closed. Called once. */
  protected farewell(): void {
    void this.connection.close()
  }

  /** It is over; timers are to be cleared. Called once. */
  protected ended(): void {}

  /** Has the peer begun to say something, and not finished? Then it has not closed the connection in peace. */
  protected get midway(): boolean {
    return false
  }

  get peer(): Peer {
    this.#peer ??= this.context.peer(this)
    return this.#peer
  }
  get codecs(): readonly string[] {
    return this.context.codecs
  }
  get open(): boolean {
    return this.#state === 'open'
  }
  get active(): number {
    return this.#calls.size
  }
  get handler(): Handler {
    return () => {
      throw notCallable()
    }
  }

  begin(_call: Call, sink: ReplySink): void {
    sink.failed(notCallable())
  }

  notify(_message: Notification): boolean {
    this.context.count('notification_unsupported')
    return false
  }

  close(options: Cancel = {}): Promise<void> {
    return closeGracefully(this, () => this.leave(), options)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  abort(reason: RpcError): void {
    this.end(reason)
    this.connection.abort(reason)
  }

  /** Takes no more calls, lets the running ones end, closes. */
  protected leave(why?: RpcError): void {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#reason ??= why
    const { clock, limits } = this.context
    this.#drainTimer = clock.timer(limits.drainMs, () => this.abort(drainedError()))
    this.leaving()
    this.#drained()
  }

  /**
   * Has a call answered: the sink hears once, at the latest when its deadline passes or the connection ends. The call is
   * counted and limited; items of an answer are sent with {@link ServedCall.stream}.
   */
  protected serve(parts: ServedCallParts, sink: ServedSink): ServedCall {
    const { handler, limits, timers } = this.context
    const call = new ServedCall(this, parts, sink)
    if (this.#state === 'ended') {
      call.cancel(this.#reason ?? closedError())
      return call
    }
    if (this.#calls.size >= limits.inFlight) {
      call.failed(tooMany())
      return call
    }
    if (call.deadline !== Infinity && call.deadline <= timers.clock.now()) {
      call.failed(deadlineError('no'))
      return call
    }
    this.#calls.add(call)
    if (call.deadline !== Infinity) timers.add(call, call.deadline)
    try {
      if (!handler) throw noMethod(call.method)
      const reply = handler(call)
      if (typeof (reply as PromiseLike<unknown> | undefined)?.then === 'function')
        (reply as Promise<never>).then(
          (reply) => call.replied(reply),
          (error: unknown) => call.broke(error),
        )
      else call.replied(reply as never)
    } catch (error) {
      call.broke(error)
    }
    return call
  }

  /** For the calls. */
  released(call: ServedCall): void {
    if (call._next) this.context.timers.remove(call)
    if (this.#calls.delete(call)) this.#drained()
  }

  /** A peer broke the rules of the protocol: it is counted, logged, and the connection ended. */
  protected fault(error: RpcError): void {
    if (this.#state === 'ended') return
    const event = `connection_${error.reason ?? 'internal'}`
    this.context.count(event)
    this.context.log({ level: 'warn', event, message: error.message, peer: this.connection.peer.address })
    this.abort(error)
  }

  #drained(): void {
    if (this.#state === 'closing' && this.#calls.size === 0) this.farewell()
  }

  /** It is over, whatever is still written to the connection: every call is cancelled. */
  protected end(reason: RpcError | undefined): void {
    if (this.#state === 'ended') return
    const closing = this.#state === 'closing'
    // Peers that only call have no other way to say that they are done.
    const left = this.#calls.size === 0 && !this.midway
    this.#state = 'ended'
    this.context.clock.clear(this.#drainTimer)
    this.#reason ??= reason ?? (closing ? undefined : left ? peerLeft() : lostError())
    this.ended()
    const error = this.#reason ?? closedError()
    const lost = error.reason === 'connection_lost' ? error : lostError(error)
    for (const call of [...this.#calls]) {
      // Its handler may never end, and has nothing more to be told.
      if (call._next) this.context.timers.remove(call)
      call.cancel(lost)
    }
  }
}

function peerLeft(): RpcError {
  return new RpcError('unavailable', 'The other side closed the connection', { reason: 'closed' })
}

function notCallable(): RpcError {
  return new RpcError('unimplemented', 'The protocol of this connection has no calls to its peer', {
    reason: 'unsupported',
    executed: 'no',
  })
}

function tooMany(): RpcError {
  return new RpcError('resource_exhausted', 'Too many calls of this connection are under way', {
    reason: 'overloaded',
    executed: 'no',
  })
}
