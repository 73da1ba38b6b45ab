// Messages are cut from a slab, because making an array of one's own for each costs more than encoding a small one.
const slabBytes = 64 * 1024
const nothing = new Uint8Array(0)

/**
 * Where messages are written, one behind the other. Bytes that were handed out are never written to again.
 *
 * Between `open` and `close` the message may be written from `at` on, which the writer moves along.
 */
export class Slab {
  bytes: Uint8Array = nothing
  at = 0
  /** Where the message begins, its headroom included; another place once room was made. */
  start = 0
  #shared: Uint8Array = nothing
  #sharedAt = 0

  /** Begins a message: so many zero bytes, and room for so many behind them. */
  open(headroom: number, room: number): void {
    this.bytes = this.#shared
    this.start = this.#sharedAt
    this.at = this.start
    this.room(headroom + room)
    // Left-overs of a message that was given up must not travel, should the caller leave a byte unwritten.
    if (headroom > 32) this.bytes.fill(0, this.at, this.at + headroom)
    else for (let i = 0; i < headroom; i++) this.bytes[this.at + i] = 0
    this.at += headroom
  }

  /** Makes room for so many bytes more; `bytes` and `at` may be others afterwards. */
  room(bytes: number): void {
    if (this.at + bytes <= this.bytes.length) return
    const used = this.at - this.start
    const begun = this.bytes.subarray(this.start, this.at)
    if (used + bytes <= slabBytes / 2) {
      this.#shared = new Uint8Array(slabBytes)
      this.#sharedAt = 0
      this.bytes = this.#shared
    } else {
      // On its own, so that a small message never keeps a large one's memory alive.
      this.bytes = new Uint8Array(used === 0 ? bytes : 2 * used + bytes)
    }
    this.bytes.set(begun)
    this.start = 0
    this.at = used
  }

  /** Ends the message. */
  close(): Uint8Array {
    const written = this.bytes.subarray(this.start, this.at)
    if (this.bytes === this.#shared) this.#sharedAt = this.at
    else this.bytes = this.#shared
    return written
  }
}
