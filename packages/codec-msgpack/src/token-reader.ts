import { refuse } from '@hawser/codec-base'
import { bytesDate, nanosecondsOf } from './date.js'
import { checkText, readChecked } from './text.js'

/** What a token that is no whole number is read as by `whole`. */
const none = undefined
// A Date holds 100,000,000 days to either side of 1970.
const latestTime = 8_640_000_000_000_000

/**
 * Reads the tokens of MessagePack where a schema says which may come: checked and built in one pass. It counts what it
 * meets, and never reads or makes more than the bytes are there for.
 */
export class TokenReader {
  readonly #bytes: Uint8Array
  readonly #depthLimit: number
  readonly #nodesLimit: number
  #view: DataView | undefined
  #at = 0
  #depth = 0
  #nodes = 1

  constructor(bytes: Uint8Array, depth: number, nodes: number) {
    this.#bytes = bytes
    this.#depthLimit = depth
    this.#nodesLimit = nodes
    this.#count(0)
  }

  /** @throws RpcError where bytes are left */
  end(): void {
    const left = this.#bytes.length - this.#at
    if (left > 0) refuse(`${left} bytes follow the value`)
  }

  bool(): boolean | undefined {
    const token = this.#token()
    return token === 0xc3 ? true : token === 0xc2 ? false : none
  }

  /** A whole number: as a bigint where it is no safe integer. */
  whole(): number | bigint | undefined {
    const token = this.#token()
    if (token < 0x80) return token
    if (token >= 0xe0) return token - 0x100
    return token >= 0xcc && token <= 0xd3 ? this.#whole(token) : none
  }

  /** Any number. */
  number(): number | undefined {
    const token = this.#bytes[this.#at]
    if (token === 0xcb) {
      const at = this.#skip(9) + 1
      return this.#dataView().getFloat64(at)
    }
    if (token === 0xca) {
      const at = this.#skip(5) + 1
      return this.#dataView().getFloat32(at)
    }
    const whole = this.whole()
    return whole === none ? none : Number(whole)
  }

  text(): string | undefined {
    const token = this.#token()
    const length =
      token >= 0xa0 && token < 0xc0
        ? token & 0x1f
        : token >= 0xd9 && token <= 0xdb
          ? this.#unsigned(1 << (token - 0xd9))
          : -1
    if (length < 0) return none
    const start = this.#skip(length)
    const kind = checkText(this.#bytes, start, this.#at)
    if (kind === 'bad') refuse('A string is not valid UTF-8')
    return readChecked(this.#bytes, start, this.#at, kind)
  }

  /** A copy: a view would keep all that was received with it alive. */
  bytes(): Uint8Array | undefined {
    const token = this.#token()
    if (token < 0xc4 || token > 0xc6) return none
    const start = this.#skip(this.#unsigned(1 << (token - 0xc4)))
    return new Uint8Array(this.#bytes.subarray(start, this.#at))
  }

  /** The token that comes next. */
  peek(): number {
    if (this.#at >= this.#bytes.length) cutShort()
    return this.#bytes[this.#at]!
  }

  /** A timestamp; no other extension is known. */
  date(): Date {
    const token = this.#token()
    const size = token === 0xd6 ? 4 : token === 0xd7 ? 8 : token === 0xc7 ? this.#unsigned(1) : 0
    if (size === 0 || this.#token() !== 0xff) refuse('An extension type other than the timestamp')
    if (size !== 4 && size !== 8 && size !== 12) refuse('A timestamp of a wrong length')
    const start = this.#skip(size)
    const contents = this.#bytes.subarray(start, this.#at)
    const date = bytesDate(contents)
    const nanoseconds = nanosecondsOf(contents)
    if (nanoseconds > 999_999_999) refuse('A timestamp with more than a second of nanoseconds')
    const time = date.getTime()
    if (Number.isNaN(time) || (time === latestTime && nanoseconds > 0))
      refuse('A timestamp past what a Date can hold')
    return date
  }

  /** Is it nil? It is read over if so. */
  nil(): boolean {
    if (this.#bytes[this.#at] !== 0xc0) return false
    this.#at++
    return true
  }

  /** Enters an array, and returns its length; there are as many bytes at the least. */
  enterArray(): number | undefined {
    const token = this.#token()
    if (token >= 0x90 && token < 0xa0) return this.#enter(token & 0x0f, 1)
    return token === 0xdc || token === 0xdd ? this.#enter(this.#unsigned(token === 0xdc ? 2 : 4), 1) : none
  }

  /** Enters a map, and returns how many entries it has; there are twice as many bytes at the least. */
  enterMap(): number | undefined {
    const token = this.#token()
    if (token < 0x80) return none
    if (token < 0x90) return this.#enter(token & 0x0f, 2)
    return token === 0xde || token === 0xdf ? this.#enter(this.#unsigned(token === 0xde ? 2 : 4), 2) : none
  }

  /** Ends what was entered. */
  leave(): void {
    this.#depth--
  }

  /** The keys of a map count too, where they are values of a type. */
  countKeys(size: number): void {
    this.#count(size)
  }

  /** The key of a field: its id, or its name. */
  key(): number | string {
    const token = this.#bytes[this.#at]!
    if (token < 0x80) return this.#bytes[this.#at++]!
    const isNumber = token >= 0xe0 || (token >= 0xcc && token <= 0xd3)
    const key = isNumber ? this.whole() : this.text()
    if (key === none) refuse('The key of a field is neither its id nor its name')
    return typeof key === 'bigint' ? -1 : key
  }

  /** Reads over one value, whatever it is. */
  pass(): void {
    // How many values are left of each container that is open, from the innermost; recursion would be the sender's choice.
    const lefts: number[] = [1]
    while (lefts.length > 0) {
      const last = lefts.length - 1
      if (lefts[last]! === 0) {
        lefts.pop()
        if (last > 0) this.leave()
        continue
      }
      lefts[last]!--
      const inside = this.#passOne()
      if (inside >= 0) lefts.push(inside)
    }
  }

  /** Reads over a value without parts, or enters one, and returns how many parts it has; else -1. */
  #passOne(): number {
    const token = this.#bytes[this.#at]!
    if (token >= 0x80 && token < 0x90) return this.#passMap()
    if (token >= 0x90 && token < 0xa0) return this.enterArray()!
    if (token === 0xdc || token === 0xdd) return this.enterArray()!
    if (token === 0xde || token === 0xdf) return this.#passMap()
    this.#token()
    if (token < 0x80 || token >= 0xe0) return -1
    if (token < 0xc0) this.#skip(token & 0x1f)
    else if (token === 0xc1) refuse('The byte c1 is no MessagePack')
    else if (token <= 0xc3) return -1
    else if (token <= 0xc6) this.#skip(this.#unsigned(1 << (token - 0xc4)))
    else if (token <= 0xc9) this.#skip(1 + this.#unsigned(1 << (token - 0xc7)))
    else if (token === 0xca) this.#skip(4)
    else if (token === 0xcb) this.#skip(8)
    else if (token <= 0xd3) this.#skip(1 << ((token - 0xcc) & 3))
    else if (token <= 0xd8) this.#skip(1 + (1 << (token - 0xd4)))
    else this.#skip(this.#unsigned(1 << (token - 0xd9)))
    return -1
  }

  #passMap(): number {
    return this.enterMap()! * 2
  }

  #enter(size: number, bytesEach: number): number {
    if (size > (this.#bytes.length - this.#at) / bytesEach) cutShort()
    if (++this.#depth > this.#depthLimit)
      refuse(`The value nests deeper than ${this.#depthLimit}`, 'too_deep')
    this.#count(size)
    return size
  }

  #count(more: number): void {
    this.#nodes += more
    if (this.#nodes > this.#nodesLimit)
      refuse(`The message holds more than ${this.#nodesLimit} values`, 'too_deep')
  }

  #token(): number {
    const token = this.peek()
    this.#at++
    return token
  }

  /** Reads over so many bytes, and returns where they begin. */
  #skip(length: number): number {
    const start = this.#at
    if (length > this.#bytes.length - start) cutShort()
    this.#at = start + length
    return start
  }

  /** The big-endian number of 1, 2 or 4 bytes. */
  #unsigned(size: number): number {
    const at = this.#skip(size)
    const bytes = this.#bytes
    if (size === 1) return bytes[at]!
    const short = (bytes[at]! << 8) | bytes[at + 1]!
    return size === 2 ? short : short * 0x10000 + ((bytes[at + 2]! << 8) | bytes[at + 3]!)
  }

  #whole(token: number): number | bigint {
    switch (token) {
      case 0xd0:
        return (this.#unsigned(1) << 24) >> 24
      case 0xd1:
        return (this.#unsigned(2) << 16) >> 16
      case 0xd2:
        return this.#unsigned(4) | 0
      case 0xcf:
      case 0xd3: {
        const high = token === 0xcf ? this.#unsigned(4) : this.#unsigned(4) | 0
        const low = this.#unsigned(4)
        const value = high * 0x1_0000_0000 + low
        return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(low)
      }
      default:
        return this.#unsigned(1 << (token - 0xcc))
    }
  }

  #dataView(): DataView {
    const { buffer, byteOffset, length } = this.#bytes
    this.#view ??= new DataView(buffer, byteOffset, length)
    return this.#view
  }
}

function cutShort(): never {
  refuse('The bytes end within the value')
}
