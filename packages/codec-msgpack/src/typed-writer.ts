import { Refusal } from '@hawser/codec-base'
import type { TokenOptions } from './token-reader.js'
import { TokenWriter } from './token-writer.js'

/** Writes one message of a type, and keeps its limits. */
export class TypedWriter {
  readonly tokens: TokenWriter
  readonly #depthLimit: number
  readonly #nodesLimit: number
  #depth = 0
  #nodes = 0

  constructor({ texts, depth, nodes }: TokenOptions) {
    this.tokens = new TokenWriter(texts)
    this.#depthLimit = depth
    this.#nodesLimit = nodes
  }

  open(headroom: number): void {
    this.#depth = 0
    this.#nodes = 0
    this.count(1)
    this.tokens.open(headroom)
  }

  /** Counts values. Throws Refusal. */
  count(more: number): void {
    this.#nodes += more
    if (this.#nodes > this.#nodesLimit)
      throw new Refusal(`makes more than ${this.#nodesLimit} values`, 'too_deep')
  }

  /** Goes into a container. Throws Refusal. */
  enter(): void {
    if (++this.#depth > this.#depthLimit)
      throw new Refusal(`nests deeper than ${this.#depthLimit}`, 'too_deep')
  }

  leave(): void {
    this.#depth--
  }
}

/**
 * Writes messages, one after the other with one writer. Its `write` throws Refusal.
 */
export function messages(
  options: TokenOptions,
): (write: (value: unknown, out: TypedWriter) => void, value: unknown, headroom: number) => Uint8Array {
  const own = new TypedWriter(options)
  let busy = false
  return (write, value, headroom) => {
    // A getter of the value may encode in turn.
    const inside = busy
    const out = inside ? new TypedWriter(options) : own
    busy = true
    try {
      out.open(headroom)
      write(value, out)
      return out.tokens.close()
    } finally {
      busy = inside
    }
  }
}
