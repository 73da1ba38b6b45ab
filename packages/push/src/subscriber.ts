import {
  type Call,
  type CancelListener,
  type Feed,
  type Flow,
  type Outlet,
  type Peer,
  RpcError,
} from '@hawser/contract'
import { numberedHeader } from '@hawser/wire'
import { slowError, stoppedReading } from './failures.js'
import { Iterated } from './iterated.js'
import type { Message } from './message.js'
import type { Mark } from './policy.js'
import { Waiting } from './waiting.js'

/** What a subscriber needs of its topic. */
export interface SubscriberOwner {
  readonly path: string
  readonly mark: Mark
  /** The number of the last message. */
  readonly sequence: number
  /** A message did not reach a subscriber that goes on. */
  dropped(): void
  /** So much waits that the next message would not fit; and then not any more. */
  full(subscriber: Subscriber, is: boolean): void
  /** Has a subscriber judged once this turn is over. */
  judgeLater(subscriber: Subscriber): void
  /** It gets no more. @param reason what it was told, or why it stopped */
  left(subscriber: Subscriber, reason: RpcError): void
  /** The details of an error that tells of messages it did not get. */
  missed(subscriber: Subscriber, count: number): unknown
}

// What may wait within one turn for somebody who is asked at the end of it.
const burstMessages = 65_536

/**
 * One subscription, as the feed that answers its call. A message goes to its outlet at once while that takes it; what it does
 * not take waits here, up to the mark. Whoever iterates instead takes one message at a time, but within the turn as many as
 * come, so it is judged only when that is over.
 *
 * The first message after joining is never dropped: so a gap always lies between two numbers.
 */
export class Subscriber implements Feed, Flow, CancelListener {
  readonly peer: Peer | undefined
  /** Its place among the others of its kind, which they look after. */
  place = 0
  readonly #owner: SubscriberOwner
  readonly #call: Call
  readonly #numbered: boolean
  readonly #waiting = new Waiting()
  #outlet: Outlet | undefined
  #taking = false
  #iterated = true
  #begun = false
  #over = false
  #full = false
  #judged = false
  // The number of the last message that its outlet took.
  #last: number
  #ending: RpcError | undefined
  #told: RpcError | undefined

  constructor(owner: SubscriberOwner, call: Call) {
    this.#owner = owner
    this.#call = call
    this.#numbered = call.headers.get(numberedHeader) === '1'
    this.#last = owner.sequence
    this.peer = call.connection
  }

  /** Codec of its call. */
  get codec(): string {
    return this.#call.accepts ?? this.#call.codec
  }

  /** From now on, it leaves with its call. */
  join(): void {
    this.#call.onCancel(this)
  }

  /** The number of the last message before it joined, where that was not known. */
  begins(sequence: number): void {
    if (!this.#begun) this.#last = sequence
  }

  /** One more message: the same bytes for all who take it in the same form. */
  deliver(message: Message): void {
    if (this.#taking) this.#taking = this.#send(message)
    else this.#wait(message)
  }

  flow(outlet: Outlet): Flow {
    this.#iterated = outlet instanceof Iterated
    this.#outlet = outlet
    if (this.#told) outlet.failed(this.#told)
    return this
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return new Iterated(this)
  }

  resume(): void {
    if (this.#over || this.#taking) return
    const waiting = this.#waiting
    let takes = true
    while (takes && waiting.count > 0) {
      takes = this.#send(waiting.shift())
      if (this.#isOver()) return
    }
    if (waiting.count === 0 && this.#ending) this.fail(this.#ending)
    else {
      this.#taking = takes
      this.#measure()
    }
  }

  stop(): void {
    this.#leave(RpcError.is(this.#call.cancelReason) ? this.#call.cancelReason : stoppedReading())
  }

  cancelled(reason: Error): void {
    if (this.#over) return
    const error = RpcError.from(reason)
    this.#leave(error)
    // A generator in between could not be closed while it waits for a message.
    if (this.#iterated) this.#outlet?.failed(error)
  }

  /** No more messages come: those that wait are sent, then it is told why. */
  finish(reason: RpcError): void {
    if (this.#over) return
    if (this.#waiting.count === 0) this.fail(reason)
    else this.#ending ??= reason
  }

  /** It is told why it gets no more, at once. */
  fail(reason: RpcError): void {
    if (this.#over) return
    const missed = this.#owner.sequence - this.#last
    const told = missed > 0 ? reason.with({ details: this.#owner.missed(this, missed) }) : reason
    this.#told = told
    this.#leave(reason)
    this.#outlet?.failed(told)
  }

  /** The turn is over. */
  judge(): void {
    this.#judged = false
    const { policy, messages, bytes, slack } = this.#owner.mark
    const waiting = this.#waiting
    if (this.#over || (waiting.count <= this.#most(messages) + slack && waiting.bytes <= bytes)) return
    if (policy === 'close' || policy === 'block') this.#tooSlow()
    else
      while (waiting.count > this.#most(messages) || waiting.bytes > bytes) {
        if (waiting.count === this.#kept()) break
        this.#drop(policy === 'drop-new' ? waiting.count - 1 : this.#kept())
      }
    this.#measure()
  }

  #send(message: Message): boolean {
    this.#begun = true
    this.#last = message.number
    return this.#outlet!.item(this.#numbered ? message.numbered : message.plain)
  }

  #wait(message: Message): void {
    if (this.#over || this.#ending) return
    const waiting = this.#waiting
    const { policy, messages, bytes, slack } = this.#owner.mark
    if (this.#iterated && waiting.count < burstMessages && waiting.bytes + message.bytes <= bytes) {
      waiting.push(message.held())
      if (waiting.count > messages && !this.#judged) {
        this.#judged = true
        this.#owner.judgeLater(this)
      }
    } else if (waiting.count < this.#most(messages) + slack && waiting.bytes + message.bytes <= bytes)
      waiting.push(message.held())
    else if (policy === 'close' || policy === 'block') {
      this.#tooSlow()
      return
    } else if (policy === 'drop-new' && waiting.count > 0) this.#owner.dropped()
    else {
      const kept = this.#kept()
      while (
        waiting.count > kept &&
        (waiting.count >= this.#most(messages) || waiting.bytes + message.bytes > bytes)
      )
        this.#drop(kept)
      waiting.push(message.held())
    }
    this.#measure()
  }

  // Messages that are not to be dropped: the first one of all.
  #kept(): number {
    return this.#begun || this.#waiting.count === 0 ? 0 : 1
  }

  // Who conflates keeps one message besides the first.
  #most(messages: number): number {
    return this.#owner.mark.policy === 'latest' ? 1 + this.#kept() : messages
  }

  #drop(behind: number): void {
    this.#waiting.drop(behind)
    this.#owner.dropped()
  }

  #tooSlow(): void {
    const { count } = this.#waiting
    this.fail(slowError(this.#owner.path, `${count} messages waited`))
  }

  #measure(): void {
    const { policy, messages, bytes } = this.#owner.mark
    const { count, bytes: held } = this.#waiting
    const full = !this.#over && (count >= (policy === 'latest' ? 1 : messages) || held >= bytes)
    if (full === this.#full) return
    this.#full = full
    this.#owner.full(this, full)
  }

  #leave(reason: RpcError): void {
    if (this.#over) return
    this.#over = true
    this.#taking = false
    this.#waiting.clear()
    this.#measure()
    this.#call.offCancel(this)
    this.#owner.left(this, reason)
  }

  // Asked through a method, so that the compiler does not assume what an outlet may have changed.
  #isOver(): boolean {
    return this.#over
  }
}
