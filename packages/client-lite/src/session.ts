import {
  type Cancel,
  type Connection,
  type Handler,
  type Notification,
  type Peer,
  type ProtocolContext,
  type Reason,
  type ReplySink,
  RpcError,
  reasons,
  type Session,
} from '@hawser/contract'
import {
  closedError,
  cutShortError,
  drainedError,
  goawayTextBytes,
  Kind,
  lostError,
  notRun,
  utf8Cut,
} from '@hawser/wire'
import type { SessionCall } from './call.js'
import { CallTable, type TableOwner } from './call-table.js'
import { openerHello } from './hello.js'
import { Link } from './link.js'
import { Liveness, type LivenessSubject } from './liveness.js'
import { goawayError, noCodec } from './loss.js'
import { Reader, type ReaderTarget } from './reader.js'

const farewellMs = 1_000

/** What a session needs of its surroundings. */
export type SessionContext = Pick<
  ProtocolContext,
  'limits' | 'clock' | 'codecs' | 'log' | 'peer' | 'credential' | 'opened' | 'leaving' | 'notified'
>

/** One connection speaking hawser/1, on the side that dialled. Whatever way it ends, every pending call settles. */
export class OpenerSession implements Session, ReaderTarget, TableOwner, LivenessSubject {
  readonly connection: Connection
  readonly link: Link
  readonly calls: CallTable
  readonly identity: unknown = undefined
  readonly closed: Promise<RpcError | undefined>
  readonly #context: SessionContext
  readonly #reader: Reader
  readonly #liveness: Liveness
  #state: 'open' | 'closing' | 'ended' = 'open'
  #reason: RpcError | undefined
  #wentAway: RpcError | undefined
  #pings = 0
  #pingedAt = -Infinity
  #strikes = 0
  #drainTimer: unknown
  #peer: Peer | undefined

  /** @throws TypeError for codecs or a credential that make no hello */
  constructor(connection: Connection, context: SessionContext) {
    const { limits, clock, codecs } = context
    const hello = openerHello(codecs, limits, context.credential?.())
    this.connection = connection
    this.#context = context
    this.link = new Link(connection, limits, clock, codecs, () => this.calls.resume())
    this.calls = new CallTable(this.link, clock, this)
    this.#liveness = new Liveness(this, clock, limits)
    this.#reader = new Reader(this)
    this.closed = connection.closed.then((reason) => {
      this.#end(reason)
      return this.#reason
    })
    connection.send(hello)
    connection.start((bytes) => this.#receive(bytes))
  }

  get peer(): Peer {
    this.#peer ??= this.#context.peer(this)
    return this.#peer
  }
  get handler(): Handler {
    return (call) =>
      new Promise((replied, failed) => {
        this.begin(call, { replied, failed })
      })
  }
  get codecs(): readonly string[] {
    return this.link.shared
  }
  get active(): number {
    return this.calls.active
  }
  get open(): boolean {
    return this.#state === 'open' && !this.#wentAway
  }
  get refusing(): boolean {
    return this.#state !== 'open'
  }

  begin(call: SessionCall, sink: ReplySink): void {
    this.calls.begin(call, sink)
  }

  notify({ type, codec, body }: Notification): boolean {
    const { link } = this
    if (this.#state === 'ended' || !link.greeted || !link.ready) return false
    const index = link.codecs.indexOf(codec)
    if (!link.takes(index)) throw noCodec(codec)
    link.notify(type, index, body)
    return true
  }

  async close(options: Cancel = {}): Promise<void> {
    const { signal } = options
    const cutShort = () => this.abort(cutShortError())
    if (signal?.aborted) cutShort()
    signal?.addEventListener('abort', cutShort, { once: true })
    this.#leave('closed', '')
    await this.closed
    signal?.removeEventListener('abort', cutShort)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  abort(reason: RpcError): void {
    this.#end(reason)
    this.connection.abort(reason)
  }

  // ---- ReaderTarget -------------------------------------------------------------------------------------------

  greeted(): void {
    this.#liveness.handshaken()
    this.#context.opened?.(this)
    this.calls.resume()
  }

  notified(message: Notification): void {
    this.#context.notified?.(message, this)
  }

  pinged(token: number): void {
    const { limits, clock } = this.#context
    const now = clock.now()
    this.#strikes = now - this.#pingedAt < limits.keepAliveFloorMs ? this.#strikes + 1 : 0
    this.#pingedAt = now
    if (this.#strikes > limits.pingStrikes)
      throw new RpcError('resource_exhausted', 'Too many pings', { reason: 'abuse' })
    this.link.frame(Kind.pong, token)
  }

  wentAway(last: number, reason: number, text: string): void {
    const error = goawayError(reason, text)
    const known = this.#wentAway
    this.#wentAway ??= error
    // Before its calls fail: they may be sent again, and not by this connection.
    if (!known) this.#context.leaving?.(this, error)
    this.calls.refusedAbove(last, notRun(error))
  }

  // ---- TableOwner ---------------------------------------------------------------------------------------------

  idle(): void {
    if (this.#state !== 'closing' || this.calls.wanted > 0) return
    this.link.flush()
    void this.connection.close()
  }

  exhausted(): void {
    this.#leave('draining', 'The ids are used up')
  }

  // ---- LivenessSubject ----------------------------------------------------------------------------------------

  get reader(): Reader {
    return this.#reader
  }
  ping(): void {
    this.link.frame(Kind.ping, ++this.#pings)
  }
  dead(reason: RpcError): void {
    this.abort(reason)
  }

  // ---- lifecycle ----------------------------------------------------------------------------------------------

  #receive(bytes: Uint8Array): void {
    if (this.#state === 'ended') return
    this.#liveness.heard()
    try {
      this.#reader.push(bytes)
    } catch (error) {
      this.#fault(RpcError.from(error))
      return
    }
    this.#liveness.read()
  }

  // The connection cannot go on: the other side is told why, if it has said hello; and everything settles.
  #fault(error: RpcError): void {
    const { reason = 'internal', message } = error
    const { address } = this.connection.peer
    this.#context.log({ level: 'warn', event: `connection_${reason}`, message, peer: address })
    if (!this.link.greeted) {
      this.abort(error)
      return
    }
    this.#goaway(reason, message)
    this.link.flush()
    this.#end(error)
    const { clock } = this.#context
    const late = clock.timer(farewellMs, () => this.connection.abort(error))
    void this.connection.close().then(() => clock.clear(late))
  }

  // Takes no more calls, lets the running ones end, and closes.
  #leave(reason: Reason, text: string): void {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#goaway(reason, text)
    this.calls.close(closedError())
    const { clock, limits } = this.#context
    this.#drainTimer = clock.timer(limits.drainMs, () => this.abort(drainedError()))
    this.idle()
  }

  #goaway(reason: Reason, text: string): void {
    this.link.frame(Kind.goaway, this.#reader.lastId, utf8Cut(text, goawayTextBytes), 0, reasons[reason])
  }

  #end(reason: RpcError | undefined): void {
    if (this.#state === 'ended') return
    const inPeace = this.#state === 'closing' && reason === undefined
    this.#state = 'ended'
    this.#context.clock.clear(this.#drainTimer)
    this.#liveness.close()
    this.#reader.splitter.end()
    this.#reason = reason ?? this.#wentAway ?? (inPeace ? undefined : lostError())
    const error = this.#reason ?? closedError()
    this.calls.lost(error.reason === 'connection_lost' ? error : lostError(error))
  }
}
