import { refuse } from '@hawser/codec-base'
import { bytesDate, nanosecondsOf } from './date.js'
import type { Texts } from './text.js'

/** What readers and writers have to know. */
export interface TokenOptions {
  readonly texts: Texts
  readonly depth: number
  readonly nodes: number
}

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
  readonly #texts: Texts
  readonly #depthLimit: number
  readonly #nodesLimit: number
  #view: DataView | undefined
  #at = 0
  #depth = 0
  #nodes = 1

  constructor(bytes: Uint8Array, { texts, depth, nodes }: TokenOptions) {
    this.#bytes = bytes
    this.#texts = texts
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
    if (token === 0xcb) return this.#dataView().getFloat64(this.#skip(9) + 1)
    if (token === 0xca) return this.#dataView().getFloat32(this.#skip(5) + 1)
    const whole = this.whole()
    return whole === none ? none : Number(whole)
  }

  text(): string | undefined {
    const token = this.#token()
    if (!((token >= 0xa0 && token < 0xc0) || (token >= 0xd9 && token <= 0xdb))) return none
    const start = this.#skip(this.#contents(token))
    return this.#texts.read(this.#bytes, start, this.#at) ?? refuse('A string is not valid UTF-8')
  }

  /** A copy: a view would keep all that was received with it alive. */
  bytes(): Uint8Array | undefined {
    const token = this.#token()
    if (token < 0xc4 || token > 0xc6) return none
    const start = this.#skip(this.#contents(token))
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
    const size = token === 0xc7 || (token >= 0xd4 && token < 0xd9) ? this.#contents(token) - 1 : 0
    if (this.#token() !== 0xff || (size !== 4 && size !== 8 && size !== 12))
      refuse('An extension that is no timestamp')
    const start = this.#skip(size)
    const contents = this.#bytes.subarray(start, this.#at)
    const date = bytesDate(contents)
    const nanoseconds = nanosecondsOf(contents)
    const time = date.getTime()
    if (nanoseconds > 999_999_999 || Number.isNaN(time) || (time === latestTime && nanoseconds > 0))
      refuse('A timestamp that is no Date')
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
    return this.#enter(0x90, 0xdc, 1)
  }

  /** Enters a map, and returns how many entries it has; there are twice as many bytes at the least. */
  enterMap(): number | undefined {
    return this.#enter(0x80, 0xde, 2)
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
    if (key === none) refuse('The key of a field is no id and no name')
    return typeof key === 'bigint' ? -1 : key
  }

  /** Reads over one value, whatever it is. Its recursion is bounded by the depth. */
  pass(): void {
    const entries = this.enterMap()
    let left = entries === none ? this.enterArray() : entries * 2
    if (left !== none) {
      while (left-- > 0) this.pass()
      this.leave()
      return
    }
    const token = this.#token()
    if (token === 0xc1) refuse('The byte c1 is no MessagePack')
    this.#skip(this.#contents(token))
  }

  /** How many bytes of contents follow a token; a size in front of them is read over. */
  #contents(token: number): number {
    if (token < 0xa0 || token >= 0xe0) return 0
    if (token < 0xc0) return token & 0x1f
    if (token < 0xc4) return 0
    if (token < 0xc7) return this.#unsigned(1 << (token - 0xc4))
    if (token < 0xca) return 1 + this.#unsigned(1 << (token - 0xc7))
    if (token < 0xcc) return 4 << (token - 0xca)
    if (token < 0xd4) return 1 << (token & 3)
    return token < 0xd9 ? 1 + (1 << (token - 0xd4)) : this.#unsigned(1 << (token - 0xd9))
  }

  /**
   * By the first of the tokens that hold a size, the one that a size of 2 bytes follows, and the least that a part takes. Stays
   * where it is in front of another token.
   */
  #enter(short: number, long: number, bytesEach: number): number | undefined {
    const token = this.peek()
    const isShort = token >= short && token < short + 16
    if (!isShort && token !== long && token !== long + 1) return none
    this.#at++
    const size = isShort ? token & 0x0f : this.#unsigned(token === long ? 2 : 4)
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
