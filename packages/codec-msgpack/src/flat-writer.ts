import { longestFlat } from './flat-reader.js'
import { nodeTexts } from './text.js'
import { TokenWriter } from './token-writer.js'

/**
 * Writes what `readFlat` reads: one null, boolean, number or text, or a short array of those. Anything else, and anything
 * wrong, it leaves to the checker and msgpackr, which need a copy of the value and take twice as long.
 */
export class FlatWriter {
  readonly #out = new TokenWriter(nodeTexts)
  #busy = false

  /** Returns undefined for a value it leaves alone. */
  write(value: unknown, headroom: number): Uint8Array | undefined {
    // An array may be a proxy, whose code may encode in turn.
    if (this.#busy) return undefined
    this.#busy = true
    try {
      if (!Array.isArray(value)) {
        if (typeof value === 'object' && value !== null) return undefined
        this.#out.open(headroom)
        return this.#scalar(value) ? this.#out.close() : undefined
      }
      const { length } = value
      if (length > longestFlat) return undefined
      this.#out.open(headroom)
      this.#out.array(length)
      for (let i = 0; i < length; i++) if (!this.#scalar(value[i])) return undefined
      return this.#out.close()
    } catch {
      return undefined
    } finally {
      this.#busy = false
    }
  }

  #scalar(value: unknown): boolean {
    switch (typeof value) {
      case 'string':
        if (!value.isWellFormed()) return false
        this.#out.text(value)
        return true
      case 'number':
        if (Number.isSafeInteger(value) && !Object.is(value, -0)) this.#out.integer(value)
        else this.#out.double(value)
        return true
      case 'boolean':
        this.#out.bool(value)
        return true
      default:
        if (value !== null) return false
        this.#out.nil()
        return true
    }
  }
}
