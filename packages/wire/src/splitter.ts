import { readU32 } from './frames.js'

/** How a stream of bytes is cut into frames. */
export interface Framing {
  /** So many bytes are needed to tell a frame's size. */
  readonly prefixBytes: number
  /**
   * The size of the frame at `at`, prefix included, in bytes. At least `prefixBytes` are there.
   * @throws RpcError for a size that no frame can have
   */
  size(bytes: Uint8Array, at: number): number
}

/** Takes the frames of a {@link Splitter}. */
export interface FrameSink {
  /** One whole frame, prefix included: `bytes` from `start` to `end`. The bytes are the sink's for good. */
  frame(bytes: Uint8Array, start: number, end: number): void
  /**
   * The first bytes of a frame over the limit; the rest is skipped unseen.
   * @param size of the whole frame
   */
  oversize(bytes: Uint8Array, start: number, end: number, size: number): void
  /** A frame so large that skipping it is no use. Nothing more is delivered, or kept. */
  tooLarge(size: number): void
  /**
   * For sinks that take a large body as it came, without joining it to its head. Where the body begins of a frame of which
   * the bytes up to `end` are there; undefined where that cannot be told, or does not matter.
   */
  bodyAt?(bytes: Uint8Array, end: number): number | undefined
  /** With it: one whole frame whose body came by itself. Both are the sink's for good. */
  frameApart?(head: Uint8Array, body: Uint8Array): void
}

/** The framing of a u32 big-endian count of the bytes that follow it. */
export const lengthPrefixed: Framing = { prefixBytes: 4, size: (bytes, at) => 4 + readU32(bytes, at) }

// Frames up to this many times the limit, or this many bytes, are skipped.
const skipFactor = 4
const skipBytes = 65_536
// Bodies from this size on are not joined to their heads when they came apart.
const apartBytes = 4_096
// So much of the beginning of such a frame is shown, to answer it.
const shownBytes = 512
const firstCapacity = 1_024

/**
 * Cuts chunks into frames however the bytes arrive. Frames inside one chunk are delivered as they lie, without a copy.
 * A frame that spans chunks is gathered in a buffer that doubles with the bytes that really came, so that a declared
 * length allocates nothing and dribbled bytes cost no more than their number.
 */
export class Splitter {
  /** Frames larger than this are refused, in bytes. May be changed between frames. */
  limit: number
  readonly #framing: Framing
  readonly #sink: FrameSink
  #partial: Uint8Array | undefined
  #filled = 0
  #skip = 0
  #skipped = 0
  #state: 'going' | 'stopped' | 'ended' = 'going'
  #held: Uint8Array[] | undefined

  constructor(framing: Framing, sink: FrameSink, limit: number) {
    this.#framing = framing
    this.#sink = sink
    this.limit = limit
  }

  /** Bytes that have come of a frame not yet complete, kept or skipped. */
  get partialBytes(): number {
    return this.#filled + this.#skipped
  }

  /** Is a frame under way, kept or skipped? */
  get unfinished(): boolean {
    return this.#filled > 0 || this.#skip > 0
  }

  /** Delivers nothing more until `resume`; what comes is held. */
  stop(): void {
    if (this.#state === 'going') this.#state = 'stopped'
  }

  /** Delivers and keeps nothing from now on. */
  end(): void {
    this.#state = 'ended'
    this.#held = undefined
    this.#partial = undefined
    this.#filled = this.#skip = this.#skipped = 0
  }

  /** Delivers what was held, then goes on. */
  resume(): void {
    if (this.#state !== 'stopped') return
    this.#state = 'going'
    const held = this.#held
    this.#held = undefined
    if (!held) return
    for (const chunk of held) this.push(chunk)
  }

  push(chunk: Uint8Array): void {
    let at = this.#pass(chunk, 0)
    if (this.#filled > 0 && this.#state === 'going') {
      if (this.#takeApart(chunk)) return
      at = this.#complete(chunk, at)
    }
    const { prefixBytes } = this.#framing
    while (this.#state === 'going') {
      const left = chunk.length - at
      if (left < prefixBytes) break
      const size = this.#framing.size(chunk, at)
      if (size > this.limit) {
        if (this.#refuse(chunk, at, size)) {
          at += Math.min(left, size)
          continue
        }
        break
      }
      if (left < size) break
      this.#sink.frame(chunk, at, at + size)
      at += size
    }
    if (at < chunk.length) this.#keep(chunk, at)
  }

  // Senders send a large body by itself, right behind its head; transports with messages deliver it so.
  #takeApart(chunk: Uint8Array): boolean {
    const sink = this.#sink
    const head = this.#partial!
    const filled = this.#filled
    if (!sink.frameApart || chunk.length < apartBytes || filled < this.#framing.prefixBytes) return false
    const size = filled + chunk.length
    if (size > this.limit || size !== this.#framing.size(head, 0)) return false
    if (sink.bodyAt?.(head, filled) !== filled) return false
    this.#partial = undefined
    this.#filled = 0
    sink.frameApart(head.subarray(0, filled), chunk)
    return true
  }

  // Skips what is to be skipped. Returns where the chunk goes on.
  #pass(chunk: Uint8Array, at: number): number {
    if (this.#skip === 0) return at
    const count = Math.min(this.#skip, chunk.length - at)
    this.#skip -= count
    this.#skipped = this.#skip === 0 ? 0 : this.#skipped + count
    return at + count
  }

  // Fills the gathered frame from the chunk and delivers it when whole. Returns where the chunk goes on.
  #complete(chunk: Uint8Array, at: number): number {
    const { prefixBytes } = this.#framing
    if (this.#filled < prefixBytes) {
      at = this.#gather(chunk, at, prefixBytes)
      if (this.#filled < prefixBytes) return at
    }
    const partial = this.#partial!
    const size = this.#framing.size(partial, 0)
    if (size > this.limit) {
      at = this.#gather(chunk, at, Math.min(size, shownBytes))
      const filled = this.#filled
      const gathered = this.#partial!
      if (filled < Math.min(size, shownBytes) && size <= this.#mostSkipped) return at
      this.#partial = undefined
      this.#filled = 0
      return this.#refuse(gathered.subarray(0, filled), 0, size) ? this.#pass(chunk, at) : at
    }
    at = this.#gather(chunk, at, size)
    if (this.#filled < size) return at
    const frame = this.#partial!
    this.#partial = undefined
    this.#filled = 0
    this.#sink.frame(frame, 0, size)
    return at
  }

  // Copies from the chunk until `wanted` bytes of the frame are gathered, or the chunk is used up.
  #gather(chunk: Uint8Array, at: number, wanted: number): number {
    const count = Math.min(wanted - this.#filled, chunk.length - at)
    if (count <= 0) return at
    const needed = this.#filled + count
    if (!this.#partial || this.#partial.length < needed) {
      const capacity = Math.max(needed, Math.min(wanted, Math.max(firstCapacity, 2 * needed)))
      const larger = new Uint8Array(capacity)
      if (this.#partial) larger.set(this.#partial.subarray(0, this.#filled))
      this.#partial = larger
    }
    this.#partial.set(chunk.subarray(at, at + count), this.#filled)
    this.#filled = needed
    return at + count
  }

  get #mostSkipped(): number {
    return Math.max(skipFactor * this.limit, skipBytes)
  }

  // True when the frame is skipped; its shown part may still be incomplete, then it is gathered first.
  #refuse(bytes: Uint8Array, at: number, size: number): boolean {
    if (size > this.#mostSkipped) {
      this.end()
      this.#sink.tooLarge(size)
      return false
    }
    const left = bytes.length - at
    const shown = Math.min(size, shownBytes)
    if (left < shown) return false
    this.#skip = Math.max(0, size - left)
    this.#skipped = this.#skip === 0 ? 0 : left
    this.#sink.oversize(bytes, at, at + shown, size)
    return true
  }

  #keep(chunk: Uint8Array, at: number): void {
    if (this.#state === 'ended') return
    if (this.#state === 'stopped') {
      this.#held ??= []
      this.#held.push(chunk.subarray(at))
      return
    }
    this.#gather(chunk, at, chunk.length - at + this.#filled)
  }
}
