import { RpcError } from '@hawser/contract'
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

// Credit beyond this is as good as none: it only keeps the number exact.
const mostCredit = 2 ** 40

/** The sending end of a stream: takes items from a source one at a time, no faster than credit and write queue allow. */
export class StreamOut {
  readonly #owner: StreamOutOwner
  readonly #source: AsyncIterator<Uint8Array>
  #credit: number
  // Waiting for the source: nothing else may ask it for more.
  #pulling = false
  #done = false
  readonly #took: (result: IteratorResult<Uint8Array>) => void
  readonly #broke: (error: unknown) => void

  /** @param granted bytes granted before there was anything to send */
  constructor(owner: StreamOutOwner, source: AsyncIterable<Uint8Array>, granted = 0) {
    this.#owner = owner
    this.#credit = initialCredit + granted
    this.#source = source[Symbol.asyncIterator]()
    this.#took = (result) => this.#take(result)
    this.#broke = (error) => this.#break(error)
  }

  /** Goes on if it can. */
  resume(): void {
    if (this.#pulling || this.#done || this.#credit <= 0 || !this.#owner.ready) return
    this.#pulling = true
    try {
      this.#source.next().then(this.#took, this.#broke)
    } catch (error) {
      this.#break(error)
    }
  }

  /** The receiver takes so many bytes more. */
  grant(bytes: number): void {
    this.#credit = Math.min(mostCredit, this.#credit + bytes)
    this.resume()
  }

  /** Nothing more is wanted: the source is closed. */
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
