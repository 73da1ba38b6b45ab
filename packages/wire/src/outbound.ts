import {
  type Call,
  type CancelListener,
  type Clock,
  codes,
  type Reply,
  type ReplySink,
  RpcError,
} from '@hawser/contract'
import { CallTable } from './call-table.js'
import { type CancelledCall, CancelQueue } from './cancel-queue.js'
import { badFrame, streamsIn, streamsOut } from './frames.js'
import { encodeHeaders } from './headers.js'
import { type Link, noCodec } from './link.js'
import { notRun } from './loss.js'
import { deadlineError } from './scope.js'
import { StreamIn, type StreamInOwner } from './stream-in.js'
import { type StreamOut, type StreamOutOwner, streamOut } from './stream-out.js'

const nothing = new Uint8Array(0)
// Calls of a connection use three quarters of the ids, so that the last ones can still end in peace.
const lastId = Math.floor(0.75 * 2 ** 32)

/**
 * A call this side made. Its sink is told once; its place in the table is free only when the other side has given its
 * one final answer, which for a cancelled call comes later.
 */
class OutboundCall implements CancelListener, CancelledCall, StreamInOwner, StreamOutOwner {
  id = 0
  codec = 0
  state: 'new' | 'waiting' | 'sent' | 'done' = 'new'
  settled = false
  abandoned = false
  cancelCode = 0
  // Counted when it began to wait: what is given away may be moved meanwhile.
  waitingBytes = 0
  headers: Uint8Array = nothing
  input: StreamOut | undefined = undefined
  output: StreamIn | undefined = undefined
  readonly table: Outbound
  readonly call: Call
  readonly sink: ReplySink

  constructor(table: Outbound, call: Call, sink: ReplySink) {
    this.table = table
    this.call = call
    this.sink = sink
  }

  get body(): Uint8Array {
    return this.call.input instanceof Uint8Array ? this.call.input : nothing
  }

  fail(error: RpcError): void {
    this.input?.stop()
    this.output?.fail(error)
    if (this.settled) return
    this.settled = true
    this.call.offCancel(this)
    this.sink.failed(error)
  }

  // CancelListener
  cancelled(reason: RpcError): void {
    this.table.cancelled(this, reason)
  }

  // StreamInOwner: the items of the answer
  grant(bytes: number): void {
    if (this.state === 'sent') this.table.link.credit(this.id, bytes)
  }
  stopped(reason: RpcError | undefined): void {
    this.table.cancelled(
      this,
      reason ?? new RpcError('cancelled', 'The consumer stopped', { reason: 'cancelled' }),
    )
  }

  // StreamOutOwner: the items of the request
  get executed(): 'maybe' {
    return 'maybe'
  }
  get ready(): boolean {
    return this.state === 'sent' && this.table.link.greeted && this.table.link.writer.ready
  }
  item(bytes: Uint8Array): void {
    this.table.link.item(this.id, this.codec, bytes)
  }
  ended(): void {
    if (this.state === 'sent') this.table.link.end(this.id)
  }
  failed(error: unknown): void {
    this.table.cancelled(this, RpcError.from(error, 'aborted', { reason: 'cancelled' }))
  }
  closed(): void {}
}

/** What the table of outbound calls needs of its session. */
export interface OutboundOwner {
  /** No call is left whose outcome somebody wants. */
  idle(): void
  /** The ids are used up: no further call can be made. */
  exhausted(): void
}

/** The one owner of the calls this side has made on a connection: however it ends, each settles. */
export class Outbound {
  readonly link: Link
  readonly #clock: Clock
  readonly #calls = new CallTable<OutboundCall>()
  readonly #waiting = new Set<OutboundCall>()
  readonly #cancels: CancelQueue
  #waitingBytes = 0
  #abandoned = 0
  #nextId: number
  #refusal: RpcError | undefined
  readonly #owner: OutboundOwner

  /** @param firstId 1 for the opener, 2 for the acceptor */
  constructor(link: Link, clock: Clock, firstId: number, owner: OutboundOwner) {
    this.link = link
    this.#clock = clock
    this.#cancels = new CancelQueue(link, clock)
    this.#nextId = firstId
    this.#owner = owner
  }

  /** Calls without their final answer, those that wait included. */
  get active(): number {
    return this.#calls.size + this.#waiting.size
  }

  /** Those of them whose outcome, or acknowledgement, somebody still wants: what a close has to wait for. */
  get wanted(): number {
    return this.active - this.#abandoned
  }

  /** Calls sent and not answered. */
  get sent(): number {
    return this.#calls.size
  }

  begin(call: Call, sink: ReplySink): void {
    if (this.#refusal) {
      sink.failed(this.#refusal)
      return
    }
    const entry = new OutboundCall(this, call, sink)
    if (call.headers.size > 0) {
      try {
        entry.headers = encodeHeaders(call.headers, this.link.limits)
      } catch (error) {
        sink.failed(RpcError.from(error))
        return
      }
    }
    call.onCancel(entry)
    if (entry.settled) return
    if (this.#waiting.size > 0 || !this.#fits(entry)) this.#wait(entry)
    else this.#send(entry)
  }

  // ---- what the other side says -------------------------------------------------------------------------------

  /** False when there is no such call. */
  reply(id: number, codec: number, reply: Reply): boolean {
    const entry = this.#calls.get(id)
    if (!entry || entry.output) return false
    pinned(entry, codec)
    if (streamsOut(entry.call.kind) && !entry.call.probe)
      return this.error(id, codec, badFrame('A reply without its items').with({ executed: 'yes' }))
    this.#release(entry)
    if (!entry.settled) {
      entry.settled = true
      entry.input?.stop()
      entry.call.offCancel(entry)
      entry.sink.replied(reply)
    }
    return true
  }

  /** The answer's items are about to come. */
  streamReply(id: number, codec: number, headers: Reply['headers']): boolean {
    const entry = this.#calls.get(id)
    if (!entry || entry.output) return false
    pinned(entry, codec)
    if (!streamsOut(entry.call.kind) || entry.call.probe) {
      // Its items will be strays.
      this.cancelled(entry, badFrame('A reply with items that were not asked for').with({ executed: 'yes' }))
      return true
    }
    const output = new StreamIn(entry, this.link.limits.streamWindow)
    entry.output = output
    if (!entry.settled) {
      // Cancellation still concerns it, so it stays a listener.
      entry.settled = true
      entry.sink.replied(headers ? { headers, output } : { output })
    } else output.fail(new RpcError('cancelled', 'The call was cancelled', { reason: 'cancelled' }))
    return true
  }

  item(id: number, codec: number, body: Uint8Array): boolean {
    const entry = this.#calls.get(id)
    if (!entry?.output) return false
    pinned(entry, codec)
    return entry.output.push(body)
  }

  end(id: number): boolean {
    const entry = this.#calls.get(id)
    if (!entry?.output) return false
    this.#release(entry)
    entry.call.offCancel(entry)
    entry.input?.stop()
    entry.output.end()
    return true
  }

  error(id: number, codec: number, error: RpcError): boolean {
    const entry = this.#calls.get(id)
    if (!entry) return false
    pinned(entry, codec)
    this.#release(entry)
    entry.call.offCancel(entry)
    entry.fail(error)
    return true
  }

  credit(id: number, bytes: number): boolean {
    const input = this.#calls.get(id)?.input
    input?.grant(bytes)
    return input !== undefined
  }

  /** An item came that is too large to take: the call fails, and the other side is told. */
  refuseItem(id: number, error: RpcError): boolean {
    const entry = this.#calls.get(id)
    const known = entry !== undefined && !entry.abandoned
    if (entry) this.cancelled(entry, error)
    return known
  }

  /** The other side takes no call above `last`: those were not run. */
  refusedAbove(last: number, error: RpcError): void {
    this.close(error)
    for (const entry of this.#calls.values()) {
      if (entry.id <= last || entry.state === 'done') continue
      this.#release(entry)
      entry.call.offCancel(entry)
      entry.fail(error)
    }
  }

  // ---- this side's own doing ----------------------------------------------------------------------------------

  /** A call is over for its caller; the other side is told, and keeps its place until it answers. */
  cancelled(entry: OutboundCall, reason: RpcError): void {
    if (entry.state === 'done') return
    if (entry.state !== 'sent') {
      if (this.#waiting.delete(entry)) this.#waitingBytes -= entry.waitingBytes
      entry.state = 'done'
      entry.fail(reason.with({ executed: 'no' }))
      return
    }
    entry.call.offCancel(entry)
    entry.fail(reason)
    this.#tell(entry, reason)
    if (entry.abandoned) return
    entry.abandoned = true
    this.#abandoned++
    if (this.wanted === 0) this.#owner.idle()
  }

  #tell(entry: OutboundCall, reason: RpcError): void {
    // The call's own deadline needs no telling: the other side has the same one.
    const late = reason.code === 'deadline_exceeded'
    if (entry.cancelCode !== 0 || (late && this.#clock.now() >= entry.call.deadline)) return
    entry.cancelCode = late ? codes.deadline_exceeded : codes.cancelled
    this.#cancels.add(entry)
  }

  /** Takes no further calls; those that wait fail with the error, those sent go on. */
  close(error: RpcError): void {
    const refusal = notRun(error)
    this.#refusal ??= refusal
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    this.#waitingBytes = 0
    for (const entry of waiting) entry.state = 'done'
    for (const entry of waiting) entry.fail(refusal)
  }

  /** The connection is gone: everything settles. */
  lost(error: RpcError): void {
    this.close(error)
    this.#cancels.close()
    const calls = this.#calls.values()
    this.#calls.clear()
    this.#abandoned = 0
    for (const entry of calls) entry.state = 'done'
    for (const entry of calls) {
      entry.call.offCancel(entry)
      entry.fail(error)
    }
  }

  /** Something may go on: the write queue has room, or the other side has said what it takes. */
  resume(): void {
    this.#cancels.send()
    this.#sendWaiting()
    for (const entry of this.#calls.values()) entry.input?.resume()
  }

  #fits(entry: OutboundCall): boolean {
    const { link } = this
    if (this.#calls.size >= link.announced.inFlight || !link.writer.ready) return false
    // Afterwards, a message that does not fit never will, and fails when sent.
    if (link.greeted) return true
    // Before the hello only small messages may go. Items cannot, so their call gains nothing by going first; and while it
    // waits, it can still be laid out in a codec that the other side takes.
    if (streamsIn(entry.call.kind)) return false
    return entry.body.length + entry.headers.length < link.mostBytes / 2
  }

  #wait(entry: OutboundCall): void {
    const { waitingCalls, waitingBytes } = this.link.limits
    entry.waitingBytes = entry.body.length
    if (this.#waiting.size >= waitingCalls || this.#waitingBytes + entry.waitingBytes > waitingBytes) {
      entry.state = 'done'
      entry.fail(
        new RpcError('resource_exhausted', 'Too many calls wait for this connection', {
          reason: 'overloaded',
          executed: 'no',
        }),
      )
      return
    }
    this.#waitingBytes += entry.waitingBytes
    entry.state = 'waiting'
    this.#waiting.add(entry)
  }

  #sendWaiting(): void {
    for (const entry of this.#waiting) {
      if (!this.#fits(entry)) break
      this.#waiting.delete(entry)
      this.#waitingBytes -= entry.waitingBytes
      this.#send(entry)
    }
  }

  #send(entry: OutboundCall): void {
    const { call } = entry
    const { link } = this
    try {
      entry.codec = link.codecIndex(call.codec)
      if (entry.codec < 0) throw noCodec(call.codec)
      const left = call.deadline === Infinity ? Infinity : Math.ceil(call.deadline - link.writer.now())
      if (left <= 0) throw deadlineError('no')
      entry.id = this.#nextId
      link.request(entry.id, call.kind, entry.codec, call.method, left, entry.headers, call.probe, entry.body)
    } catch (error) {
      entry.state = 'done'
      entry.fail(RpcError.from(error, 'invalid_argument', { executed: 'no' }))
      return
    }
    entry.state = 'sent'
    this.#calls.add(entry)
    this.#nextId += 2
    if (streamsIn(call.kind) && !call.probe && !(call.input instanceof Uint8Array)) {
      try {
        entry.input = streamOut(entry, call.input)
        entry.input.resume()
      } catch (error) {
        this.cancelled(entry, RpcError.from(error, 'invalid_argument'))
      }
    }
    if (call.kind === 'oneway') {
      // The caller is done when the call is on its way; its place in the table waits for the acknowledgement.
      entry.settled = true
      call.offCancel(entry)
      entry.sink.replied({ output: nothing })
    }
    if (this.#nextId > lastId) this.#owner.exhausted()
  }

  #release(entry: OutboundCall): void {
    entry.state = 'done'
    this.#calls.delete(entry.id)
    if (entry.cancelCode !== 0) this.#cancels.remove(entry)
    if (entry.abandoned) this.#abandoned--
    if (this.#waiting.size > 0) this.#sendWaiting()
    if (this.wanted === 0) this.#owner.idle()
  }
}

// Bodies of one codec under another would be read as garbage, or worse, as sense.
function pinned(entry: OutboundCall, codec: number): void {
  if (entry.codec !== codec) throw badFrame('An answer in another codec than its call')
}
