import { type Clock, codes, type Reply, type ReplySink, RpcError } from '@hawser/contract'
import {
  badFrame,
  deadlineError,
  Kind,
  notRun,
  StreamIn,
  StreamOut,
  streamsIn,
  streamsOut,
  TokenBucket,
} from '@hawser/wire'
import type { SessionCall } from './call.js'
import { Entry } from './entry.js'
import type { Link } from './link.js'
import { cancelledError, noCodec, tooManyWait } from './loss.js'

const nothing = new Uint8Array(0)
// Three quarters of the ids, so that the last calls can still end in peace.
const lastId = 0.75 * 2 ** 32

/** What a table needs of its session. */
export interface TableOwner {
  /** No call is left whose outcome somebody wants. */
  idle(): void
  /** The ids are used up. */
  exhausted(): void
}

/** The one owner of the calls of a connection: however it ends, each settles. */
export class CallTable {
  readonly link: Link
  readonly #clock: Clock
  readonly #owner: TableOwner
  readonly #calls = new Map<number, Entry>()
  readonly #waiting = new Set<Entry>()
  // Those the other side has to be told of, no faster than it allows.
  readonly #cancels = new Set<Entry>()
  #bucket: TokenBucket | undefined
  #timer: unknown
  #waitingBytes = 0
  #abandoned = 0
  #nextId = 1
  #refusal: RpcError | undefined

  constructor(link: Link, clock: Clock, owner: TableOwner) {
    this.link = link
    this.#clock = clock
    this.#owner = owner
  }

  /** Calls sent and not answered. */
  get sent(): number {
    return this.#calls.size
  }

  /** Calls without their final answer, those that wait included. */
  get active(): number {
    return this.#calls.size + this.#waiting.size
  }

  /** Those of them whose outcome, or acknowledgement, somebody wants. */
  get wanted(): number {
    return this.active - this.#abandoned
  }

  begin(call: SessionCall, sink: ReplySink): void {
    if (this.#refusal) {
      sink.failed(this.#refusal)
      return
    }
    const entry = new Entry(this, call, sink)
    call.onCancel(entry)
    if (entry.settled) return
    if (this.#waiting.size === 0 && this.#fits(entry)) {
      this.#send(entry)
      return
    }
    const { waitingCalls, waitingBytes } = this.link.limits
    const bytes = this.#waitingBytes + entry.body.length
    if (this.#waiting.size >= waitingCalls || bytes > waitingBytes) {
      entry.state = 'done'
      entry.fail(tooManyWait())
      return
    }
    this.#waitingBytes = bytes
    this.#waiting.add(entry)
  }

  // ---- what the other side says; each is undefined or false where it makes no sense ----------------------------

  /** The call of a frame, which has to be in the call's codec. */
  find(id: number, codec: number): Entry | undefined {
    const entry = this.#calls.get(id)
    if (entry && entry.codec !== codec) throw badFrame('An answer in another codec than its call')
    return entry
  }

  reply(id: number, codec: number, reply: Reply): boolean {
    const entry = this.find(id, codec)
    if (!entry || entry.output) return false
    const { kind, probe } = entry.call
    if (streamsOut(kind) && !probe)
      return this.error(id, codec, badFrame('A reply without its items').with({ executed: 'yes' }))
    this.#release(entry)
    entry.call.offCancel(entry)
    entry.input?.stop()
    if (entry.settle()) entry.sink.replied(reply)
    return true
  }

  /** The answer's items are about to come. */
  streamReply(id: number, codec: number, headers: Reply['headers']): boolean {
    const entry = this.find(id, codec)
    if (!entry || entry.output) return false
    const { kind, probe } = entry.call
    if (!streamsOut(kind) || probe) {
      // Its items will be strays.
      this.cancelled(entry, badFrame('A reply with items').with({ executed: 'yes' }))
      return true
    }
    const output = new StreamIn(entry, this.link.limits.streamWindow)
    entry.output = output
    // Cancellation still concerns it, so it stays a listener.
    if (entry.settle()) entry.sink.replied(headers ? { headers, output } : { output })
    else output.fail(cancelledError('The call was cancelled'))
    return true
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
    const entry = this.find(id, codec)
    if (!entry) return false
    this.#release(entry)
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
    for (const entry of [...this.#calls.values()]) {
      if (entry.id <= last || entry.state === 'done') continue
      this.#release(entry)
      entry.fail(error)
    }
  }

  // ---- this side's own doing ----------------------------------------------------------------------------------

  /** A call is over for its caller; the other side is told, and keeps its place until it answers. */
  cancelled(entry: Entry, reason: RpcError): void {
    if (entry.state === 'done') return
    if (entry.state === 'waiting') {
      if (this.#waiting.delete(entry)) this.#waitingBytes -= entry.body.length
      entry.state = 'done'
      entry.fail(reason.with({ executed: 'no' }))
      return
    }
    entry.fail(reason)
    // The call's own deadline needs no telling: the other side has the same one.
    const late = reason.code === 'deadline_exceeded'
    if (entry.cancelCode === 0 && !(late && this.#clock.now() >= entry.call.deadline)) {
      entry.cancelCode = late ? codes.deadline_exceeded : codes.cancelled
      this.#cancels.add(entry)
      if (this.#timer === undefined) this.#sendCancels()
    }
    if (entry.abandoned) return
    entry.abandoned = true
    this.#abandoned++
    if (this.wanted === 0) this.#owner.idle()
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
    this.#cancels.clear()
    this.#clock.clear(this.#timer)
    const calls = [...this.#calls.values()]
    this.#calls.clear()
    this.#abandoned = 0
    for (const entry of calls) entry.state = 'done'
    for (const entry of calls) entry.fail(error)
  }

  /** Something may go on: the write queue has room, or the other side has said what it takes. */
  resume(): void {
    this.#sendCancels()
    this.#sendWaiting()
    for (const entry of [...this.#calls.values()]) entry.input?.resume()
  }

  #fits(entry: Entry): boolean {
    const { link } = this
    if (this.#calls.size >= link.greeting.inFlight || !link.ready) return false
    // Before the hello only small messages may go, and no items; a call that waits can still be laid out in another codec.
    return link.greeted || (!streamsIn(entry.call.kind) && entry.body.length < link.mostBytes / 2)
  }

  #sendWaiting(): void {
    for (const entry of this.#waiting) {
      if (!this.#fits(entry)) break
      this.#waiting.delete(entry)
      this.#waitingBytes -= entry.body.length
      this.#send(entry)
    }
  }

  #send(entry: Entry): void {
    const { call } = entry
    const { link } = this
    try {
      const codec = link.codecs.indexOf(call.codec)
      if (!link.takes(codec)) throw noCodec(call.codec)
      const left = Math.ceil(call.deadline - this.#clock.now())
      if (left <= 0) throw deadlineError('no')
      link.request(this.#nextId, codec, call, left, entry.body)
      entry.codec = codec
    } catch (error) {
      entry.state = 'done'
      entry.fail(RpcError.from(error, 'invalid_argument').with({ executed: 'no' }))
      return
    }
    const id = this.#nextId
    entry.id = id
    entry.state = 'sent'
    this.#calls.set(id, entry)
    this.#nextId = id + 2
    if (streamsIn(call.kind) && !call.probe && !(call.input instanceof Uint8Array)) {
      try {
        entry.input = new StreamOut(entry, call.input)
        entry.input.resume()
      } catch (error) {
        this.cancelled(entry, RpcError.from(error, 'invalid_argument'))
      }
    }
    // Its caller is done when it is on its way; its place waits for the acknowledgement.
    if (call.kind === 'oneway') {
      call.offCancel(entry)
      if (entry.settle()) entry.sink.replied({ output: nothing })
    }
    if (this.#nextId > lastId) this.#owner.exhausted()
  }

  // At half of what was announced, because a network that stalls delivers what was spread over seconds at once.
  #sendCancels(): void {
    const { link } = this
    if (!link.greeted || this.#cancels.size === 0) return
    const now = this.#clock.now()
    const { cancelBurst, cancelRate } = link.greeting
    this.#bucket ??= new TokenBucket(Math.ceil(cancelBurst / 2), cancelRate / 2, now)
    for (const entry of this.#cancels) {
      if (!this.#bucket.take(now)) break
      this.#cancels.delete(entry)
      link.frame(Kind.cancel, entry.id, nothing, 0, entry.cancelCode)
    }
    this.#clock.clear(this.#timer)
    this.#timer = undefined
    const wait = this.#bucket.wait()
    if (this.#cancels.size > 0 && wait !== Infinity)
      this.#timer = this.#clock.timer(wait, () => {
        this.#timer = undefined
        this.#sendCancels()
      })
  }

  #release(entry: Entry): void {
    entry.state = 'done'
    this.#calls.delete(entry.id)
    this.#cancels.delete(entry)
    if (entry.abandoned) this.#abandoned--
    if (this.#waiting.size > 0) this.#sendWaiting()
    if (this.wanted === 0) this.#owner.idle()
  }
}
