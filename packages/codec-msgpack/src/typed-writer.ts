import { Refusal } from '@hawser/codec-base'
import { TokenWriter } from './token-writer.js'

/** Writes one message of a type, and keeps its limits. */
export class TypedWriter {
  readonly tokens: TokenWriter = new TokenWriter()
  readonly #depthLimit: number
  readonly #nodesLimit: number
  #depth = 0
  #nodes = 0

  constructor(depth: number, nodes: number) {
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
