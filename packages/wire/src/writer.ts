import { type Clock, type Connection, handOver } from '@hawser/contract'

const bufferBytes = 65_536
// For those who find no spare one, as when one message goes to thousands: they hold a frame or two each, all at a time.
const smallBytes = 2_048
// Bodies up to this are copied behind their heads, so that a turn's frames leave in one piece; larger ones go by themselves.
const copyBytes = 16_384
const spareBuffers = 8
// A write is a call of the system. Beyond so many in one turn of the loop those left wait for the next, where input is read first,
// and what is added meanwhile goes with them.
const mostFlushes = 256

/**
 * Flushes the writers that hold something, once per turn, and lends them their buffers; so an idle connection owns none,
 * and a busy process keeps writing through the same warm memory.
 */
export class Flusher {
  readonly #clock: Clock
  readonly #spare: Uint8Array[] = []
  #lent = 0
  #dirty: FrameWriter[] = []
  #now: number | undefined
  readonly #run: () => void

  constructor(clock: Clock) {
    this.#clock = clock
    this.#run = () => {
      const dirty = this.#dirty
      const left = dirty.length > mostFlushes ? dirty.splice(mostFlushes) : []
      this.#dirty = left
      this.#now = undefined
      if (left.length > 0) this.#clock.soon(this.#run)
      for (const writer of dirty) writer.flush()
    }
  }

  schedule(writer: FrameWriter): void {
    if (this.#dirty.push(writer) === 1) this.#clock.soon(this.#run)
  }

  /**
   * The time, read once a turn: as exact as needed for how much time a frame of this turn says is left, and cheaper than
   * asking the clock for each.
   */
  now(): number {
    if (this.#dirty.length === 0) return this.#clock.now()
    this.#now ??= this.#clock.now()
    return this.#now
  }

  /** Do many hold something, in one job even? Then it is one message to many, and there may be more. */
  get crowded(): boolean {
    return this.#lent > spareBuffers
  }

  /** Lends a buffer; everyone is to be given back, or let go of. */
  take(): Uint8Array {
    const size = this.#lent++ < spareBuffers ? bufferBytes : smallBytes
    return this.#spare.pop() ?? new Uint8Array(size)
  }

  give(buffer: Uint8Array): void {
    this.#lent--
    if (buffer.length === bufferBytes && this.#spare.length < spareBuffers) this.#spare.push(buffer)
  }

  /** Somebody else keeps what was lent. */
  letGo(): void {
    this.#lent--
  }
}

const nothing = new Uint8Array(0)

/** Who waits while the connection takes no more. */
export interface FrameWriterOwner {
  /** The connection takes more after it had asked to wait. */
  unblocked(): void
}

/** Collects the frames of a turn for one connection and sends them as one piece. */
export class FrameWriter {
  /** Where heads are written: at the offset that `head` returned, until the next call of any method. */
  bytes: Uint8Array = nothing
  /** False while the connection has asked to wait. Frames are taken all the same. */
  ready = true
  readonly #connection: Connection
  readonly #flusher: Flusher
  readonly #owner: FrameWriterOwner
  #end = 0
  #frames = 0
  // The last flush held one frame: probably so will the next, and what is alone need not wait for company.
  #alone = false
  #flushNow: (() => void) | undefined

  constructor(connection: Connection, flusher: Flusher, owner: FrameWriterOwner) {
    this.#connection = connection
    this.#flusher = flusher
    this.#owner = owner
  }

  /** Makes room for a head of `size` bytes and returns its offset in `bytes`. All of it has to be written. */
  head(size: number): number {
    if (this.#end === 0) this.#begin()
    this.#fit(size)
    const at = this.#end
    this.#end = at + size
    this.#frames++
    return at
  }

  /** Puts a body behind the head just written. */
  body(bytes: Uint8Array): void {
    const size = bytes.length
    if (size === 0) return
    if (size > copyBytes) {
      this.#sendBuffer()
      this.#send(handOver(bytes))
      return
    }
    this.#fit(size)
    this.bytes.set(bytes, this.#end)
    this.#end += size
  }

  /** The time of this turn. */
  now(): number {
    return this.#flusher.now()
  }

  /** Sends what is collected. */
  flush(): void {
    if (this.#frames === 0) return
    this.#alone = this.#frames === 1
    this.#frames = 0
    if (this.#end > 0) this.#sendBuffer()
  }

  #begin(): void {
    this.bytes = this.#flusher.take()
    if (this.#alone && this.#frames === 0 && !this.#flusher.crowded) {
      this.#flushNow ??= () => this.flush()
      queueMicrotask(this.#flushNow)
    } else this.#flusher.schedule(this)
  }

  // Makes room for so many bytes, which is never more than a whole buffer has.
  #fit(added: number): void {
    const { bytes } = this
    if (this.#end + added <= bytes.length) return
    if (bytes.length < bufferBytes) {
      const size = Math.max(2 * bytes.length, this.#end + added)
      this.bytes = new Uint8Array(Math.min(bufferBytes, size))
      this.bytes.set(bytes.subarray(0, this.#end))
      this.#fit(added)
    } else {
      this.#sendBuffer()
      this.#begin()
      this.#fit(added)
    }
  }

  #sendBuffer(): void {
    const buffer = this.bytes
    const size = this.#end
    this.bytes = nothing
    this.#end = 0
    if (size === 0) return
    if (this.#connection.queued > 0) {
      // The connection will hold on to these bytes, so it gets their size, not a whole buffer for a few of them.
      const copy = new Uint8Array(size)
      copy.set(buffer.subarray(0, size))
      this.#flusher.give(buffer)
      this.#send(copy)
      return
    }
    this.#send(buffer.subarray(0, size))
    if (this.#connection.queued === 0) this.#flusher.give(buffer)
    else this.#flusher.letGo()
  }

  #send(bytes: Uint8Array): void {
    if (this.#connection.send(bytes) || !this.ready) return
    this.ready = false
    this.#connection.drained().then(() => {
      this.ready = true
      this.#owner.unblocked()
    })
  }
}
