import { type Feed, type Flow, type Outlet, RpcError } from '@hawser/contract'
import { initialCredit, itemOverhead } from './frames.js'

/** What an outgoing stream needs of its call. */
export interface StreamOutOwner {
  /** May items be written now? When not, `resume` is to be called once they may. */
  readonly ready: boolean
  /** What is known of the handler while items are sent. */
  readonly executed: 'maybe' | 'yes'
  /** Writes one item; throws an RpcError for one that cannot be sent. */
  item(bytes: Uint8Array): void
  /** The source is done. */
  ended(): void
  /** The source threw, or an item could not be sent. */
  failed(error: unknown): void
  /** The source has really come to its end, in whatever way: the last of the calls made here. */
  closed(): void
}

/** The sending end of a stream: takes items no faster than credit and write queue allow. */
export interface StreamOut {
  /** Goes on if it can. */
  resume(): void
  /** The receiver takes so many bytes more. */
  grant(bytes: number): void
  /** Nothing more is wanted: the source is closed. */
  stop(): void
}

/**
 * Takes items from a source, once it is resumed.
 * @param granted bytes granted before there was anything to send; Infinity where the receiver grants none
 */
export function streamOut(
  owner: StreamOutOwner,
  source: AsyncIterable<Uint8Array> | Feed,
  granted = 0,
): StreamOut {
  return 'flow' in source ? new FeedOut(owner, source, granted) : new ItemsOut(owner, source, granted)
}

// Credit beyond this is as good as none: it only keeps the number exact.
const mostCredit = 2 ** 40

/** Asks its source for one item at a time. */
class ItemsOut implements StreamOut {
  readonly #owner: StreamOutOwner
  readonly #source: AsyncIterator<Uint8Array>
  #credit: number
  // Waiting for the source: nothing else may ask it for more.
  #pulling = false
  #done = false
  readonly #took: (result: IteratorResult<Uint8Array>) => void
  readonly #broke: (error: unknown) => void

  constructor(owner: StreamOutOwner, source: AsyncIterable<Uint8Array>, granted: number) {
    this.#owner = owner
    this.#credit = initialCredit + granted
    this.#source = source[Symbol.asyncIterator]()
    this.#took = (result) => this.#take(result)
    this.#broke = (error) => this.#break(error)
  }

  resume(): void {
    if (this.#pulling || this.#done || this.#credit <= 0 || !this.#owner.ready) return
    this.#pulling = true
    try {
      this.#source.next().then(this.#took, this.#broke)
    } catch (error) {
      this.#break(error)
    }
  }

  grant(bytes: number): void {
    this.#credit = Math.min(mostCredit, this.#credit + bytes)
    this.resume()
  }

  stop(): void {
    if (this.#done) return
    this.#done = true
    this.#closeSource()
  }

  #take(result: IteratorResult<Uint8Array>): void {
    this.#pulling = false
    if (this.#done) return
    if (result.done) {
      this.#done = true
      this.#owner.ended()
      this.#owner.closed()
      return
    }
    // Before it is sent: what is given away may be empty afterwards.
    const cost = result.value.length + itemOverhead
    try {
      this.#owner.item(result.value)
    } catch (error) {
      this.#done = true
      this.#owner.failed(RpcError.from(error).with({ executed: this.#owner.executed }))
      this.#closeSource()
      return
    }
    this.#credit -= cost
    this.resume()
  }

  #break(error: unknown): void {
    this.#pulling = false
    if (this.#done) return
    this.#done = true
    this.#owner.failed(error)
    this.#owner.closed()
  }

  #closeSource(): void {
    // What a source does on its way out, even a failure, no longer concerns the call.
    const closed = () => this.#owner.closed()
    try {
      const closing = this.#source.return?.()
      if (closing) closing.then(closed, closed)
      else closed()
    } catch {
      closed()
    }
  }
}

/** Is handed items by a source that does not wait to be asked. */
class FeedOut implements StreamOut, Outlet {
  readonly #owner: StreamOutOwner
  readonly #flow: Flow
  #credit: number
  #done = false

  constructor(owner: StreamOutOwner, source: Feed, granted: number) {
    this.#owner = owner
    this.#credit = initialCredit + granted
    this.#flow = source.flow(this)
  }

  resume(): void {
    if (!this.#done && this.#credit > 0 && this.#owner.ready) this.#flow.resume()
  }

  grant(bytes: number): void {
    this.#credit = Math.min(mostCredit, this.#credit + bytes)
    this.resume()
  }

  stop(): void {
    if (this.#done) return
    this.#done = true
    this.#flow.stop()
    this.#owner.closed()
  }

  item(bytes: Uint8Array): boolean {
    if (this.#done) return false
    const cost = bytes.length + itemOverhead
    try {
      this.#owner.item(bytes)
    } catch (error) {
      // Before it is told: the feed may have more to hand on meanwhile.
      this.#done = true
      this.#owner.failed(RpcError.from(error).with({ executed: this.#owner.executed }))
      this.#flow.stop()
      this.#owner.closed()
      return false
    }
    this.#credit -= cost
    return this.#credit > 0 && this.#owner.ready
  }

  ended(): void {
    if (this.#done) return
    this.#done = true
    this.#owner.ended()
    this.#owner.closed()
  }

  failed(error: RpcError): void {
    if (this.#done) return
    this.#done = true
    this.#owner.failed(error)
    this.#owner.closed()
  }
}
