import { isBytes, Refusal } from '@hawser/codec-base'
import { roomOf } from './text.js'

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
  /** Are texts to be measured exactly? */
  exact = false

  constructor(depth: number, nodes: number) {
    this.depth = depth
    this.nodes = nodes
    this.visits = nodes
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
  if (room > exactFrom) {
    writer.exact = true
    writer.visits = writer.nodes
    room = back.measure(writer, value)
  }
  slab.open(writer, headroom, room)
  try {
    return slab.close(writer, back.write(writer, value, writer.start + headroom))
  } finally {
    slab.release(writer)
  }
}

/** How many bytes a text may take; 0 for what is none. */
export function measureText(writer: Writer, value: unknown): number {
  return typeof value === 'string' ? roomOf(value, writer.exact) : 0
}

/** How many bytes a byte string takes; 0 for what is none. */
export function measureBytes(value: unknown): number {
  return typeof value === 'object' && value !== null && isBytes(value) ? value.length : 0
}

/** May a value with so many parts be measured? Otherwise it is nested too deep or too large, as writing will say. */
export function enter(writer: Writer, levels: number, parts: number): boolean {
  writer.visits -= parts
  return levels > 0 && writer.visits >= 0
}
