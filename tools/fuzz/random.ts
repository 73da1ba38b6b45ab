/** Repeatable random numbers: the same words give the same sequence. */
export class Random {
  #state: number

  constructor(...words: readonly (number | string)[]) {
    // FNV-1a, a simple hash of text: http://www.isthe.com/chongo/tech/comp/fnv/
    let hash = 0x811c9dc5
    for (const character of words.join('\0')) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193)
    this.#state = hash >>> 0
  }

  /** An unsigned number of 32 bits. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) >>> 0
  }

  /** A whole number from 0 up to, and not including, `below`. */
  below(below: number): number {
    return Math.floor((this.next() / 2 ** 32) * below)
  }

  /** A whole number, small ones far more often than large ones, up to `most`. */
  small(most: number): number {
    return Math.floor(most ** (this.next() / 2 ** 32)) - (this.below(2) === 0 ? 1 : 0)
  }

  chance(probability: number): boolean {
    return this.next() < probability * 2 ** 32
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256))
  }
}
