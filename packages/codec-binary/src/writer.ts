import { isBytes, Refusal } from '@hawser/codec-base'
import { exactRoom, roomOf } from './text.js'

const slabBytes = 64 * 1024
// A message is cut from the slab if it takes at most so much: more would waste the rest of many slabs.
const largestCut = slabBytes / 4
// From here on room is measured exactly: three bytes for each character of short texts would waste too much.
const exactFrom = 8 * 1024
const nothing = new Uint8Array(0)

/**
 * Where messages are written, one behind the other. Each is measured first, so that it is written where it stays.
 */
export class Slab {
  #bytes: Uint8Array = nothing
  #view: DataView = new DataView(nothing.buffer)
  #at = 0
  #busy = false

  /** Gives a writer room for so many bytes, the first of which are zero. */
  open(writer: Writer, headroom: number, room: number): void {
    const size = headroom + room
    // A getter of the value may encode in turn; if it then gives more than was measured, that must not run over another message.
    writer.shared = size <= largestCut && !this.#busy
    if (writer.shared) {
      if (this.#at + size > this.#bytes.length) {
        this.#bytes = new Uint8Array(slabBytes)
        this.#view = new DataView(this.#bytes.buffer)
        this.#at = 0
      }
      this.#busy = true
      writer.bytes = this.#bytes
      writer.view = this.#view
      writer.start = this.#at
      // Left-overs of a message that was given up.
      this.#bytes.fill(0, this.#at, this.#at + headroom)
    } else {
      writer.bytes = new Uint8Array(size)
      writer.view = new DataView(writer.bytes.buffer)
      writer.start = 0
    }
    writer.limit = writer.start + size
  }

  /** Ends the message. */
  close(writer: Writer, end: number): Uint8Array {
    if (end > writer.limit) throw new Refusal('changed while it was encoded')
    if (writer.shared) this.#at = end
    return writer.bytes.subarray(writer.start, end)
  }

  /** After `close`, and after whatever else ends a message. */
  release(writer: Writer): void {
    if (writer.shared) this.#busy = false
  }
}

/** Where an encode is. The back ends keep their place in a variable. */
export class Writer {
  bytes: Uint8Array = nothing
  view: DataView = emptyView
  start = 0
  limit = 0
  shared = false
  /** How many levels there may be at all. */
  readonly depth: number
  /** How many values there may still be. */
  nodes: number
  /** The same for the measuring before. */
  visits: number
  /**
   * What measuring has read of the value, for writing: text, bytes and all that has parts, in the order of their places. So
   * each property is read once, and what is written is what was measured.
   */
  readonly tape: unknown[]
  /** Where measuring is on the tape. */
  top = 0
  /** Where writing is on it. */
  next = 0

  constructor(depth: number, nodes: number, tape: unknown[]) {
    this.depth = depth
    this.nodes = nodes
    this.visits = nodes
    this.tape = tape
  }
}

const emptyView = new DataView(nothing.buffer)

/**
 * What a back end does for one type. Measuring never refuses a value: what is not as it should be, writing refuses, with its
 * place.
 */
export interface BackEnd {
  /** At least as many bytes as `write` writes. */
  measure(writer: Writer, value: unknown): number
  /** Writes from `at` on and returns the end. Throws Refusal. */
  write(writer: Writer, value: unknown, at: number): number
  /** Reads from 0 on and leaves the end in `reader.at`. */
  read(reader: import('./reader.js').Reader): unknown
}

/** Measures, makes room, writes. */
export function writeMessage(
  slab: Slab,
  back: BackEnd,
  writer: Writer,
  value: unknown,
  headroom: number,
): Uint8Array {
  let room = back.measure(writer, value)
  if (room > exactFrom)
    for (let i = 0; i < writer.top; i++) {
      const part = writer.tape[i]
      if (typeof part === 'string') room += exactRoom(part) - roomOf(part)
    }
  slab.open(writer, headroom, room)
  try {
    return slab.close(writer, back.write(writer, value, writer.start + headroom))
  } finally {
    slab.release(writer)
  }
}

/** How many bytes a text takes at the most; 0 for what is none. */
export function measureText(value: unknown): number {
  return typeof value === 'string' ? roomOf(value) : 0
}

/** How many bytes a byte string takes; 0 for what is none. */
export function measureBytes(value: unknown): number {
  return typeof value === 'object' && value !== null && isBytes(value) ? value.length : 0
}

/**
 * May a value with so many parts be measured? Otherwise it is nested too deep or too large, as writing it will say: that
 * counts no less than this.
 */
export function enter(writer: Writer, levels: number, parts: number): boolean {
  writer.visits -= parts
  return levels > 0 && writer.visits >= 0
}

/** The number of parts that measuring has put on the tape. */
export function counted(writer: Writer): number {
  const count = writer.tape[writer.next++]
  if (typeof count !== 'number') throw new Refusal('changed while it was encoded')
  return count
}

const mostKept = 1024

/** Tapes to use again, so that no message has to make its own: one for each encode that goes on within another. */
export class Tapes {
  readonly #free: unknown[][] = []

  take(): unknown[] {
    return this.#free.pop() ?? []
  }

  /** @param used how much of it, which must not keep the value alive */
  give(tape: unknown[], used: number): void {
    if (used > mostKept) return
    for (let i = 0; i < used; i++) tape[i] = undefined
    if (this.#free.length < 4) this.#free.push(tape)
  }
}
