import { numberBytes, writeNumber } from '@hawser/wire'

// What a message may keep of memory that is not its own, for as long as it waits.
const spareBytes = 1_024

/** A published message in one codec: laid out once, for all subscribers and in both forms. */
export class Message {
  readonly number: number
  /** With its number in front. */
  numbered: Uint8Array
  /** Without. */
  plain: Uint8Array
  #held = false

  /** @param bytes with `numberBytes` left free in front */
  constructor(number: number, bytes: Uint8Array) {
    this.number = number
    this.numbered = bytes
    this.plain = bytes.subarray(numberBytes)
    writeNumber(bytes, number)
  }

  /** Its bytes, without the number. */
  get bytes(): number {
    return this.plain.length
  }

  /** It is to be kept: codecs lay small messages out in shared memory, all of which one of them would keep. */
  held(): this {
    if (this.#held) return this
    this.#held = true
    const { numbered } = this
    if (numbered.buffer.byteLength > 2 * numbered.length + spareBytes) {
      this.numbered = new Uint8Array(numbered)
      this.plain = this.numbered.subarray(numberBytes)
    }
    return this
  }
}
