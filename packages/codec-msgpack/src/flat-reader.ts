import { checkText, readChecked } from './text.js'

/** What the reader returns for bytes that it leaves to others: undefined is no value of MessagePack. */
const notFlat = undefined

/** The longest array that it reads. */
export const longestFlat = 15

/**
 * Reads one nil, bool, integer, double or text, or a short array of those: checked and built in one pass, because argument
 * lists and results are mostly that. It has no errors of its own. Whatever is anything else, or wrong, or an integer past
 * 2^53, it leaves to the walker and msgpackr, which for a text of 64 bytes take three times as long.
 */
export class FlatReader {
  #bytes: Uint8Array = octets
  // Past the end `bytes[at]` is undefined and `at` grows beyond the length, which shows in the end.
  #at = 0

  /** Returns undefined for bytes that it leaves alone. */
  read(bytes: Uint8Array): unknown {
    this.#bytes = bytes
    this.#at = 0
    const value = this.#value()
    const complete = this.#at === bytes.length
    // An idle codec must not keep a message alive.
    this.#bytes = octets
    return complete ? value : notFlat
  }

  #value(): unknown {
    const token = this.#bytes[0]!
    if (token < 0x90 || token > 0x90 + longestFlat) return this.#scalar()
    const length = token & 0x0f
    const values = new Array<unknown>(length)
    this.#at = 1
    for (let i = 0; i < length; i++) {
      const element = this.#scalar()
      if (element === notFlat) return notFlat
      values[i] = element
    }
    return values
  }

  #scalar(): unknown {
    const token = this.#bytes[this.#at++]!
    if (token < 0x80) return token
    if (token >= 0xe0) return token - 0x100
    if (token >= 0xa0 && token < 0xc0) return this.#text(token & 0x1f)
    switch (token) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xcb:
        for (let i = 0; i < 8; i++) octets[i] = this.#byte()
        return double.getFloat64(0)
      case 0xcc:
        return this.#bytes[this.#at++]
      case 0xcd:
        return this.#short()
      case 0xce:
        return this.#word()
      case 0xcf:
        return safe(this.#word(), this.#word())
      case 0xd0:
        return (this.#byte() << 24) >> 24
      case 0xd1:
        return (this.#short() << 16) >> 16
      case 0xd2:
        return this.#word() | 0
      case 0xd3:
        return safe(this.#word() | 0, this.#word())
      case 0xd9:
        return this.#text(this.#byte())
      case 0xda:
        return this.#text(this.#short())
      default:
        return notFlat
    }
  }

  #byte(): number {
    return this.#bytes[this.#at++]!
  }

  #short(): number {
    return (this.#byte() << 8) | this.#byte()
  }

  #word(): number {
    return this.#short() * 0x10000 + this.#short()
  }

  #text(length: number): string | undefined {
    const start = this.#at
    const end = start + length
    if (!(end <= this.#bytes.length)) return notFlat
    this.#at = end
    const kind = checkText(this.#bytes, start, end)
    return kind === 'bad' ? notFlat : readChecked(this.#bytes, start, end, kind)
  }
}

// For doubles: a DataView of each message would cost more than all the rest.
const octets = new Uint8Array(8)
const double = new DataView(octets.buffer)

function safe(high: number, low: number): number | undefined {
  const value = high * 0x1_0000_0000 + low
  return Number.isSafeInteger(value) ? value : notFlat
}
