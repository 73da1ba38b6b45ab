import { type Clock, RpcError } from '@hawser/contract'
import type { Driver, DriverConnection } from '@hawser/wire'

/** What lies between two ends, in one direction. It delivers to the other end's `arrive` and `arriveEnd`. */
export interface Link {
  /** Bytes that have left the sender and not arrived. */
  readonly inTransit: number
  /** @param bytes belong to the link */
  carry(bytes: Uint8Array): void
  /** The sender is done; with an error, it broke. Everything carried before arrives first. */
  end(error?: RpcError): void
}

/** What both ends of a connection are made with. */
export interface EndOptions {
  readonly clock: Clock
  /** Bytes the far side takes in while it does not read, before they count as queued here. */
  readonly windowBytes: number
  /** Join what arrives in one turn into one delivery? */
  readonly join: boolean
}

// Joining costs a second copy, which pays for small chunks only.
const largestJoin = 64 * 1024

/** One end of an in-process connection: the driver of the sending side, and the inbox of the receiving one. */
export class End implements Driver {
  connection!: DriverConnection
  peer!: End
  link!: Link
  readonly #options: EndOptions
  readonly #deliverSoon: () => void
  #inbox: Uint8Array[] = []
  // Where in the inbox the undelivered begins: taking from the front of a long array would move all of it.
  #head = 0
  #inboxBytes = 0
  #reading = false
  #scheduled = false
  #endSent = false
  #endReceived = false
  #done = false
  #arrivedEnd: { readonly error: RpcError | undefined } | undefined

  constructor(options: EndOptions) {
    this.#options = options
    this.#deliverSoon = () => {
      this.#scheduled = false
      this.#deliver()
    }
  }

  // A receiver that reads takes its window's worth at once, as a kernel would; beyond it the sender has to wait.
  get queued(): number {
    return Math.max(0, this.link.inTransit + this.peer.#inboxBytes - this.#options.windowBytes)
  }

  write(bytes: Uint8Array): void {
    if (!this.#endSent && !this.#done && bytes.length > 0) this.link.carry(new Uint8Array(bytes))
  }

  end(): void {
    if (this.#endSent || this.#done) return
    this.#endSent = true
    this.link.end()
    this.#endIfDone()
  }

  destroy(): void {
    this.#done = true
    this.#clear()
    this.#inboxBytes = 0
    this.#arrivedEnd = undefined
    if (this.peer.#done) return
    this.peer.#cut(this.#options.windowBytes)
    this.link.end(lost())
  }

  pause(): void {
    this.#reading = false
  }

  resume(): void {
    this.#reading = true
    if (this.#inbox.length > 0 || this.#arrivedEnd) this.#schedule()
  }

  /** For the link: bytes have come; they are this end's for good. */
  arrive(bytes: Uint8Array): void {
    if (this.#done) {
      this.peer.#lose()
      return
    }
    this.#inbox.push(bytes)
    this.#inboxBytes += bytes.length
    if (this.#reading) this.#schedule()
  }

  /** For the link: nothing comes any more. */
  arriveEnd(error: RpcError | undefined): void {
    if (this.#done || this.#arrivedEnd) return
    this.#arrivedEnd = { error }
    if (this.#reading) this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.#options.clock.soon(this.#deliverSoon)
  }

  #deliver(): void {
    while (this.#reading && !this.#done && this.#inbox.length > 0) {
      const bytes = this.#take()
      this.#inboxBytes -= bytes.length
      this.connection.received(bytes)
    }
    if (this.#reading && this.#inbox.length === 0 && this.#arrivedEnd) this.#takeEnd(this.#arrivedEnd.error)
    this.peer.#passed()
  }

  #take(): Uint8Array {
    const first = this.#inbox[this.#head]!
    let next = this.#head + 1
    let length = first.length
    if (this.#options.join) {
      while (next < this.#inbox.length && length + this.#inbox[next]!.length <= largestJoin)
        length += this.#inbox[next++]!.length
    }
    const bytes = next === this.#head + 1 ? first : join(this.#inbox, this.#head, next, length)
    this.#head = next
    if (next === this.#inbox.length) this.#clear()
    return bytes
  }

  #clear(): void {
    this.#inbox = []
    this.#head = 0
  }

  #takeEnd(error: RpcError | undefined): void {
    this.#arrivedEnd = undefined
    this.#endReceived = true
    if (error) {
      this.#done = true
      this.connection.ended(error)
      return
    }
    this.end()
    this.#endIfDone()
  }

  // What the other side has taken from us has become less.
  #passed(): void {
    if (this.#done) return
    this.connection.flushed()
    this.#endIfDone()
  }

  #endIfDone(): void {
    if (this.#done || !this.#endSent || !this.#endReceived || this.queued > 0) return
    this.#done = true
    this.connection.ended()
  }

  // The sender was destroyed: what it had queued goes with it, what had been passed on still arrives.
  #cut(bytes: number): void {
    while (this.#inboxBytes > bytes) this.#inboxBytes -= this.#inbox.pop()!.length
  }

  #lose(): void {
    this.#options.clock.soon(() => {
      if (this.#done) return
      this.#done = true
      this.connection.ended(lost())
    })
  }
}

function join(chunks: readonly Uint8Array[], from: number, to: number, length: number): Uint8Array {
  const joined = new Uint8Array(length)
  let offset = 0
  for (let index = from; index < to; index++) {
    joined.set(chunks[index]!, offset)
    offset += chunks[index]!.length
  }
  return joined
}

/** What the other side of a dropped connection learns. */
export function lost(): RpcError {
  return new RpcError('unavailable', 'The peer has dropped the connection', {
    reason: 'connection_lost',
    retryable: true,
  })
}

/** A link without any distance. */
export class DirectLink implements Link {
  readonly inTransit = 0
  readonly #target: End

  constructor(target: End) {
    this.#target = target
  }

  carry(bytes: Uint8Array): void {
    this.#target.arrive(bytes)
  }

  end(error?: RpcError): void {
    this.#target.arriveEnd(error)
  }
}
