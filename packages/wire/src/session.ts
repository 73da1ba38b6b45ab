import {
  type Call,
  type Cancel,
  type Connection,
  type Handler,
  type Notification,
  type Peer,
  type ProtocolContext,
  type Reason,
  type ReplySink,
  RpcError,
  type Session,
} from '@hawser/contract'
import { closeGracefully } from './closing.js'
import { Conduct } from './conduct.js'
import { checkCredential } from './credential.js'
import { nativeName, preface } from './frames.js'
import { goawayError } from './goaway.js'
import { acceptorHello, assumed, type Hello, openerHello } from './hello.js'
import { hint } from './hint.js'
import { Inbound, type InboundOwner } from './inbound.js'
import { Link, noCodec } from './link.js'
import { Liveness, type LivenessSubject } from './liveness.js'
import { closedError, drainedError, lostError, notRun } from './loss.js'
import { Outbound, type OutboundOwner } from './outbound.js'
import { Reader, type ReaderTarget } from './reader.js'
import { type Flusher, FrameWriter, type FrameWriterOwner } from './writer.js'

const farewellMs = 1_000

/** One connection speaking hawser/1, on either side of it. */
export class NativeSession
  implements Session, ReaderTarget, InboundOwner, OutboundOwner, FrameWriterOwner, LivenessSubject
{
  readonly role: 'opener' | 'acceptor'
  readonly connection: Connection
  readonly link: Link
  readonly inbound: Inbound
  readonly closed: Promise<RpcError | undefined>
  identity: unknown = undefined
  refusing = false
  readonly #context: ProtocolContext
  readonly #reader: Reader
  readonly #liveness: Liveness
  readonly #conduct: Conduct
  readonly #firstId: number
  // Most servers never call their clients, so their many sessions have none.
  #outbound: Outbound | undefined
  #state: 'open' | 'closing' | 'ended' = 'open'
  #handshaken = false
  #peer: Peer | undefined
  #reason: RpcError | undefined
  #wentAway: RpcError | undefined
  #begun = 0
  #pingToken = 0
  #paused = false
  #drainTimer: unknown

  /** @param firstId the first id of this side's calls */
  constructor(
    role: 'opener' | 'acceptor',
    connection: Connection,
    context: ProtocolContext,
    flusher: Flusher,
    firstId: number,
  ) {
    const { limits, timers } = context
    const hello = role === 'opener' ? openerHello(context.codecs, limits, context.credential?.()) : undefined
    this.role = role
    this.connection = connection
    this.#context = context
    const writer = new FrameWriter(connection, flusher, this)
    this.link = new Link(writer, limits, assumed(role), role === 'opener' ? context.codecs : [])
    this.inbound = new Inbound(this.link, context.handler, timers, this)
    this.#firstId = firstId
    this.#conduct = new Conduct(limits)
    this.#liveness = new Liveness(this, timers, limits)
    this.#reader = new Reader(this)
    this.closed = connection.closed.then((reason) => {
      this.#end(reason)
      return this.#reason
    })
    if (hello) connection.send(hello)
    connection.start((bytes) => this.#receive(bytes))
  }

  get peer(): Peer {
    this.#peer ??= this.#context.peer(this)
    return this.#peer
  }
  get outbound(): Outbound {
    this.#outbound ??= new Outbound(this.link, this.#context.clock, this.#firstId, this)
    return this.#outbound
  }
  get handler(): Handler {
    return (call) =>
      new Promise((replied, failed) => {
        this.begin(call, { replied, failed })
      })
  }
  get codecs(): readonly string[] {
    return this.#handshaken ? this.link.shared : this.#context.codecs
  }
  get open(): boolean {
    return this.#state === 'open' && !this.#wentAway
  }
  get active(): number {
    return this.inbound.active + (this.#outbound?.active ?? 0)
  }

  begin(call: Call, sink: ReplySink): void {
    this.#begun++
    if (this.open || this.#outbound) this.outbound.begin(call, sink)
    else sink.failed(this.#wentAway ? notRun(this.#wentAway) : closedError())
  }

  notify(message: Notification): boolean {
    if (this.#state === 'ended' || !this.link.greeted || !this.link.writer.ready) return false
    const codec = this.link.codecIndex(message.codec)
    if (codec < 0) throw noCodec(message.codec)
    this.link.notify(message.type, codec, message.body)
    this.#begun++
    return true
  }

  close(options: Cancel = {}): Promise<void> {
    const leave = () =>
      !this.#handshaken && this.role === 'acceptor' ? this.#decline() : this.#leave('closed', '')
    return closeGracefully(this, leave, options)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  abort(reason: RpcError): void {
    this.#end(reason)
    this.connection.abort(reason)
  }

  // ---- ReaderTarget -------------------------------------------------------------------------------------------

  get now(): number {
    return this.#context.clock.now()
  }

  greeted(hello: Hello): void {
    const { link } = this
    link.announced = hello.announced
    if (this.role === 'opener') {
      if (hello.accepted.some((index) => index >= link.codecs.length))
        throw new RpcError('invalid_argument', 'The other side takes codecs that were not offered', {
          reason: 'bad_frame',
        })
      link.agree(link.codecs, hello.accepted)
      link.greeted = true
      this.#opened()
      return
    }
    const { codecs } = this.#context
    const accepted = hello.names.flatMap((name, index) => (codecs.includes(name) ? [index] : []))
    // Thousands of connections that say the same share one list of it.
    link.agree(hello.names.every((name, index) => name === codecs[index]) ? codecs : hello.names, accepted)
    if (accepted.length === 0) {
      this.#refuse(
        new RpcError('unimplemented', 'None of the codecs offered is taken here', { reason: 'unsupported' }),
      )
      return
    }
    this.#authenticate(hello.credential, () => {
      this.connection.send(acceptorHello(accepted, link.limits))
      link.greeted = true
      this.#opened()
    })
  }

  notified(message: Notification): void {
    this.#begun++
    if (this.#context.notified) this.#context.notified(message, this)
    else this.count('notification_dropped')
  }

  pinged(token: number): void {
    this.#conduct.pinged(this.#context.clock.now())
    this.link.pong(token)
  }

  wentAway(last: number, reason: number, text: string): void {
    const error = goawayError(reason, text)
    const known = this.#wentAway
    this.#wentAway ??= error
    // Before its calls fail: they may be sent again, and not by this connection.
    if (!known) this.#context.leaving?.(this, error)
    this.#outbound?.refusedAbove(last, notRun(error))
  }

  cancelled(): void {
    this.#conduct.cancelled(this.#context.clock.now())
  }

  strayed(): void {
    this.#conduct.strayed()
  }

  count(event: string): void {
    this.#context.count(event)
  }

  // ---- InboundOwner -------------------------------------------------------------------------------------------

  idle(): void {
    this.#drained()
  }

  // ---- OutboundOwner ------------------------------------------------------------------------------------------

  exhausted(): void {
    this.#leave('draining', 'The ids of this connection are used up')
  }

  // ---- LivenessSubject ----------------------------------------------------------------------------------------

  get handshaken(): boolean {
    return this.#handshaken
  }
  get awaited(): number {
    return this.#outbound?.sent ?? 0
  }
  get begun(): number {
    return this.#begun + this.#reader.lastId
  }
  get partialBytes(): number {
    return this.#reader.partialBytes
  }
  get busy(): boolean {
    return this.#paused || this.connection.queued > 0
  }
  ping(): void {
    this.link.ping(++this.#pingToken >>> 0)
  }
  dead(reason: RpcError): void {
    this.count(`connection_${reason.reason}`)
    this.abort(reason)
  }
  retire(reason: RpcError): void {
    this.#leave(reason.reason ?? 'draining', reason.message, reason)
  }

  // ---- lifecycle ----------------------------------------------------------------------------------------------

  #receive(bytes: Uint8Array): void {
    if (this.#state === 'ended') return
    const now = this.#context.clock.now()
    this.#liveness.heard(now)
    try {
      this.#reader.push(bytes, now)
    } catch (error) {
      this.#fault(RpcError.from(error), bytes)
      return
    }
    this.#liveness.frame(this.#reader.unfinished, this.#reader.frames)
    // An acceptor whose answers are not read takes no more calls. An opener always reads, so that the two cannot wait
    // for each other.
    if (this.role === 'acceptor' && !this.link.writer.ready && !this.#paused) {
      this.#paused = true
      this.connection.pause()
    }
  }

  unblocked(): void {
    if (this.#state === 'ended') return
    if (this.#paused) {
      this.#paused = false
      this.#conduct.forgive()
      this.#liveness.resumed(this.#context.clock.now())
      this.connection.resume()
    }
    this.#outbound?.resume()
    this.inbound.resume()
  }

  #authenticate(credential: Uint8Array | undefined, accepted: () => void): void {
    const { authenticate } = this.#context
    if (!authenticate) {
      accepted()
      return
    }
    this.#reader.stop()
    this.connection.pause()
    checkCredential(authenticate, credential, this.connection.peer).then(
      (identity) => {
        if (this.#state === 'ended') return
        this.identity = identity
        try {
          accepted()
          this.#reader.resume()
          this.connection.resume()
        } catch (error) {
          this.#fault(RpcError.from(error), new Uint8Array(0))
        }
      },
      (refusal) => this.#refuse(refusal),
    )
  }

  // Instead of a hello. Why is the log's to know, not a stranger's: the goaway carries no text.
  #refuse(error: RpcError): void {
    const reason = error.reason ?? 'unauthenticated'
    this.#log(reason, error.message)
    this.connection.send(preface)
    this.#leaveNow(error, reason, '')
  }

  // An acceptor has nothing under way before the hello, but its peer's first calls may be on their way: it is told that
  // none of them was taken.
  #decline(): void {
    if (this.#state !== 'open') return
    this.connection.send(preface)
    this.#leaveNow(closedError(), 'closed', '')
  }

  #opened(): void {
    this.#handshaken = true
    this.#liveness.handshaken()
    this.#context.opened?.(this)
    this.#outbound?.resume()
  }

  // The connection cannot go on: the other side is told why, if it has said hello; and everything settles.
  #fault(error: RpcError, bytes: Uint8Array): void {
    if (this.#state === 'ended') return
    const { turnAway, limits } = this.#context
    // Who has begun as this protocol does, but not gone on so, reads no text.
    if (turnAway && this.role === 'acceptor' && !this.#handshaken && this.#reader.frames === 0) {
      this.#end(error)
      turnAway(this.connection, { head: bytes, error, speaks: [nativeName] })
      return
    }
    const reason = error.reason ?? 'internal'
    this.#log(reason, error.message + (this.#handshaken ? '' : hint(bytes, limits.logSnippetBytes)))
    if (this.link.greeted) this.#leaveNow(error, reason, error.message)
    else this.abort(error)
  }

  #log(reason: Reason, message: string): void {
    this.count(`connection_${reason}`)
    this.#context.log({
      level: 'warn',
      event: `connection_${reason}`,
      message,
      peer: this.connection.peer.address,
    })
  }

  #leaveNow(error: RpcError, reason: Reason, text: string): void {
    this.link.goaway(this.#reader.lastId, reason, text)
    this.link.writer.flush()
    this.#end(error)
    // A peer at fault gets a moment to read why, not the patience of a graceful close.
    const { clock } = this.#context
    const late = clock.timer(farewellMs, () => this.connection.abort(error))
    void this.connection.close().then(() => clock.clear(late))
  }

  // Takes no more calls, lets the running ones end, and closes.
  #leave(reason: Reason, text: string, why?: RpcError): void {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.refusing = true
    this.#reason ??= why
    this.link.goaway(this.#reader.lastId, reason, text)
    this.#outbound?.close(closedError())
    this.#drainTimer = this.#context.clock.timer(this.link.limits.drainMs, () => this.abort(drainedError()))
    this.#drained()
  }

  #drained(): void {
    if (this.#state !== 'closing' || this.inbound.active + (this.#outbound?.wanted ?? 0) > 0) return
    this.link.writer.flush()
    void this.connection.close()
  }

  #end(reason: RpcError | undefined): void {
    if (this.#state === 'ended') return
    const inPeace = this.#state === 'closing' && reason === undefined
    this.#state = 'ended'
    this.refusing = true
    this.#context.clock.clear(this.#drainTimer)
    this.#liveness.close()
    this.#reader.end()
    this.#reason ??= reason ?? this.#wentAway ?? (inPeace ? undefined : lostError())
    const error = this.#reason ?? closedError()
    this.#outbound?.lost(error.reason === 'connection_lost' ? error : lostError(error))
    this.inbound.lost(error)
  }
}
