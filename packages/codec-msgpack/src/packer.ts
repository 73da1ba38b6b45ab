import { Refusal } from '@hawser/codec-base'
import { Packr, RESERVE_START_SPACE } from 'msgpackr/pack'
import { Check } from './check.js'
import { correct } from './correct.js'

// The most that msgpackr reserves: it takes the number from the low eight bits of its options.
const mostReserved = 0xff
// msgpackr writes to a slab, which it makes four times as large as a message that does not fit, and keeps. A message of this
// size may, by the room it leaves for text, just have made one of 64 KiB.
const smallMessage = 4 * 1024
const largestSlab = 64 * 1024
const freshSlab = 8 * 1024

/** Makes bytes of values by msgpackr, each checked before. */
export class Packer {
  readonly #depth: number
  readonly #nodes: number
  readonly #packr = new Packr({ useRecords: false, variableMapSize: true, useToJSON: false })

  constructor(depth: number, nodes: number) {
    this.#depth = depth
    this.#nodes = nodes
  }

  /** Throws Refusal. */
  pack(value: unknown, headroom: number): Uint8Array {
    // One for each call: a getter of the value may encode in turn.
    const check = new Check(this.#depth, this.#nodes)
    const copy = check.copy(value)
    const reserved = headroom > mostReserved ? 0 : headroom
    const packed: Uint8Array = this.#packr.pack(copy, RESERVE_START_SPACE | reserved)
    if (check.standIns || check.bytes > 0) {
      const met = correct(packed, reserved, check.dates ?? [])
      // Extensions of msgpackr are the process's, not ours.
      if (met !== check.bytes)
        throw new Refusal('holds bytes, for which other code has set msgpackr an extension')
    }
    const grown = packed.length > smallMessage && packed.buffer.byteLength > largestSlab
    if (reserved === headroom && !grown) {
      for (let i = 0; i < reserved; i++) packed[i] = 0
      return packed
    }
    if (grown) this.#shrink(packed)
    const bytes = new Uint8Array(headroom + packed.length - reserved)
    bytes.set(packed.subarray(reserved), headroom)
    return bytes
  }

  /** Has msgpackr go on in a slab of the usual size, or every small message would keep the large one's memory alive. */
  #shrink(packed: Uint8Array): void {
    // Not while it is in the middle of another message, whose extension has called us: then it goes back to that one's.
    if (this.#packr.position !== this.#packr.offset) return
    // It needs what it makes itself: a Buffer where there are Buffers.
    const { alloc } = packed.constructor as { alloc?: (size: number) => Uint8Array }
    this.#packr.useBuffer(alloc?.(freshSlab) ?? new Uint8Array(freshSlab))
  }
}
