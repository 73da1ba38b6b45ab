import { Slab } from '@hawser/codec-base'
import type { Texts } from './text.js'

/** Writes the tokens of MessagePack, one behind the other, each in its shortest form. */
export class TokenWriter {
  readonly #texts: Texts
  readonly #slab = new Slab()
  readonly #view = new DataView(new ArrayBuffer(8))

  constructor(texts: Texts) {
    this.#texts = texts
  }

  /** Begins a message. */
  open(headroom: number): void {
    this.#slab.open(headroom, 16)
  }

  /** Ends the message. */
  close(): Uint8Array {
    return this.#slab.close()
  }

  nil(): void {
    this.#byte(0xc0)
  }

  bool(value: boolean): void {
    this.#byte(value ? 0xc3 : 0xc2)
  }

  /** A safe integer, which is not -0. */
  integer(value: number): void {
    if (value >= -32 && value < 0x80) {
      this.#byte(value)
      return
    }
    this.#view.setInt32(0, Math.floor(value / 0x1_0000_0000))
    this.#view.setUint32(4, value)
    const negative = value < 0
    // A sign takes a bit.
    const power = powerOf(negative ? -1 - 2 * value : value)
    this.#put((negative ? 0xd0 : 0xcc) + power, 1 << power)
  }

  /** An integer of 64 bits, with or without a sign; as a number a safe one. */
  long(value: number | bigint): void {
    // Adding 0 makes 0 of -0.
    const number = Number(value) + 0
    if (Number.isSafeInteger(number)) {
      this.integer(number)
    } else {
      // The same bytes, with a sign or without.
      this.#view.setBigInt64(0, BigInt(value))
      this.#put(value < 0n ? 0xd3 : 0xcf, 8)
    }
  }

  double(value: number): void {
    this.#view.setFloat64(0, value)
    this.#put(0xcb, 8)
  }

  float(value: number): void {
    this.#view.setFloat32(4, value)
    this.#put(0xca, 4)
  }

  /** Well-formed text. */
  text(text: string): void {
    const { length } = text
    const slab = this.#slab
    slab.room(5 + this.#texts.room(text))
    const { bytes, at } = slab
    // The header's size is known only after the text; most often it is that of an ASCII text.
    const guess = headerSize(length)
    let written = 0
    if (length < 24) {
      while (written < length) {
        const unit = text.charCodeAt(written)
        if (unit > 0x7f) break
        bytes[at + guess + written++] = unit
      }
    }
    if (written < length || length >= 24) written = this.#texts.write(text, bytes, at + guess)
    const header = headerSize(written)
    if (header !== guess) bytes.copyWithin(at + header, at + guess, at + guess + written)
    if (header === 1) bytes[at] = 0xa0 | written
    else {
      bytes[at] = header === 2 ? 0xd9 : header === 3 ? 0xda : 0xdb
      writeSize(bytes, at, header - 1, written)
    }
    slab.at = at + header + written
  }

  bytes(value: Uint8Array): void {
    const { length } = value
    const power = powerOf(length)
    this.#sized(0xc4 + power, 1 << power, length)
    this.#raw(value)
  }

  /** A timestamp, of the contents that `dateBytes` makes. */
  timestamp(contents: Uint8Array): void {
    const { length } = contents
    if (length > 8) this.#sized(0xc7, 1, length - 1)
    else this.#sized(length > 4 ? 0xd7 : 0xd6, 1, 0xff)
    this.#raw(contents)
  }

  array(length: number): void {
    this.#container(0x90, 0xdc, length)
  }

  map(size: number): void {
    this.#container(0x80, 0xde, size)
  }

  /**
   * Begins a map of at most so many entries, of which `endMap` will say how many they are.
   * @returns what `endMap` takes
   */
  beginMap(most: number): number {
    const { at, start } = this.#slab
    this.map(most)
    return at - start
  }

  /** Ends a map that `beginMap` began. */
  endMap(begun: number, most: number, size: number): void {
    if (size === most) return
    const { bytes, start } = this.#slab
    const at = start + begun
    if (most < 0x10) bytes[at] = 0x80 | size
    else writeSize(bytes, at, most < 0x10000 ? 2 : 4, size)
  }

  /** By the first of the tokens that hold a size, and the one that a size of 2 bytes follows. */
  #container(short: number, long: number, size: number): void {
    if (size < 0x10) this.#byte(short | size)
    else if (size < 0x10000) this.#sized(long, 2, size)
    else this.#sized(long + 1, 4, size)
  }

  #raw(bytes: Uint8Array): void {
    const slab = this.#slab
    slab.room(bytes.length)
    slab.bytes.set(bytes, slab.at)
    slab.at += bytes.length
  }

  #byte(byte: number): void {
    const slab = this.#slab
    slab.room(1)
    slab.bytes[slab.at++] = byte
  }

  /** A token, and a number of so many bytes. */
  #sized(token: number, size: number, value: number): void {
    this.#view.setUint32(4, value)
    this.#put(token, size)
  }

  /** A token, and the last bytes of the view. */
  #put(token: number, size: number): void {
    const slab = this.#slab
    slab.room(9)
    const { bytes, at } = slab
    bytes[at] = token
    for (let i = 0; i < size; i++) bytes[at + 1 + i] = this.#view.getUint8(8 - size + i)
    slab.at = at + 1 + size
  }
}

function headerSize(length: number): number {
  return length < 32 ? 1 : length < 0x100 ? 2 : length < 0x10000 ? 3 : 5
}

/** A number without a sign takes a power of two in bytes, and this is it. */
function powerOf(value: number): number {
  return value < 0x100 ? 0 : value < 0x10000 ? 1 : value < 0x1_0000_0000 ? 2 : 3
}

/** Writes a number of so many bytes behind a token. */
function writeSize(bytes: Uint8Array, token: number, size: number, value: number): void {
  for (let i = size, left = value; i > 0; i--, left >>>= 8) bytes[token + i] = left
}
