import { refuse } from '@hawser/codec-base'
import type { KnownTexts } from './known-texts.js'

// A message of up to so many bytes is copied to one place: that costs less than the DataView of its own that it would need.
const scratchBytes = 2048
const scratch = new Uint8Array(scratchBytes)
const scratchView = new DataView(scratch.buffer)
// A default, or the class of an exception, may decode in turn.
let scratchBusy = false

/** Where a decode is. The back ends keep their place in a variable, and hand it over here. */
export class Reader {
  /** The message, and maybe more behind `end`. */
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly end: number
  /** How many levels there may be at all. */
  readonly depth: number
  /** How many values there may still be. */
  nodes: number
  /** Where the part just read ends. */
  at = 0
  /** The low word of the integer of 64 bits just read. */
  low = 0
  /** Some of the message as Latin-1, because one call for many texts costs less than one for each. */
  latin = ''
  latinStart = 0
  latinEnd = 0
  readonly texts: KnownTexts
  readonly #message: Uint8Array
  readonly #copied: boolean

  constructor(message: Uint8Array, depth: number, nodes: number, texts: KnownTexts) {
    this.texts = texts
    this.#message = message
    this.end = message.length
    this.depth = depth
    this.nodes = nodes
    this.#copied = message.length <= scratchBytes && !scratchBusy
    if (this.#copied) {
      scratch.set(message)
      scratchBusy = true
      this.bytes = scratch
      this.view = scratchView
    } else {
      this.bytes = message
      this.view = new DataView(message.buffer, message.byteOffset, message.length)
    }
  }

  /** A copy when they are few, or else a view of the message; never one that was given before. */
  octets(at: number, length: number): Uint8Array {
    if (length > this.end - at) cutShort()
    this.at = at + length
    if (length > longestCopy)
      return new Uint8Array(this.#message.buffer, this.#message.byteOffset + at, length)
    const { bytes } = this
    const copy = new Uint8Array(length)
    for (let i = 0; i < length; i++) copy[i] = bytes[at + i]!
    return copy
  }

  /** Ends the decode, however it went. */
  release(): void {
    if (this.#copied) scratchBusy = false
  }
}

// Byte strings of up to so many bytes are copied, which costs no more than a view and does not keep the message alive.
const longestCopy = 64

/** A place to put 8 bytes together. */
export const octets: Uint8Array = new Uint8Array(8)
const words = new Int32Array(octets.buffer)
const floats = new Float64Array(octets.buffer)
const longs = new BigInt64Array(octets.buffer)
const unsignedLongs = new BigUint64Array(octets.buffer)
// Of the two words of a double or a long, which is the high one differs between machines; all that V8 runs on today agree.
octets[0] = 1
const high = words[0] === 1 ? 1 : 0
const low = 1 - high

export function doubleOf(highWord: number, lowWord: number): number {
  words[high] = highWord
  words[low] = lowWord
  return floats[0]!
}

export function longOf(highWord: number, lowWord: number): bigint {
  words[high] = highWord
  words[low] = lowWord
  return longs[0]!
}

export function unsignedLongOf(highWord: number, lowWord: number): bigint {
  words[high] = highWord
  words[low] = lowWord
  return unsignedLongs[0]!
}

/** @throws RpcError for what a number does not hold exactly */
export function safeLongOf(highWord: number, lowWord: number): number {
  const value = highWord * 0x1_0000_0000 + (lowWord >>> 0)
  if (!Number.isSafeInteger(value)) refuse('An integer is past 2^53 - 1')
  return value
}

/** @throws RpcError for what a number does not hold exactly */
export function safeUnsignedLongOf(highWord: number, lowWord: number): number {
  return safeLongOf(highWord >>> 0, lowWord)
}

/** @throws RpcError for a long that is none of 32 bits without sign */
export function wordOf(highWord: number, lowWord: number): number {
  if (highWord !== 0) refuse('An integer is not from 0 to 2^32 - 1')
  return lowWord >>> 0
}

/** The words of a double: the high one is returned, the low one is in {@link lowWord}. */
export function splitDouble(value: number): number {
  floats[0] = value
  return words[high]!
}

/** Of a bigint; false says that it has more than 64 bits. */
export function splitLong(value: bigint): boolean {
  longs[0] = value
  return longs[0] === value
}

/** Of a bigint from 0 up; false says that it has more than 64 bits. */
export function splitUnsignedLong(value: bigint): boolean {
  unsignedLongs[0] = value
  return unsignedLongs[0] === value
}

/** Of what was split last. */
export function highWord(): number {
  return words[high]!
}

/** Of what was split last. */
export function lowWord(): number {
  return words[low]!
}

/** So many bytes of the message. */
export function readBytes(reader: Reader, at: number, length: number): Uint8Array {
  return reader.octets(at, length)
}

export function cutShort(): never {
  refuse('The bytes end within the value')
}

export function tooDeep(limit: number): never {
  refuse(`The value nests deeper than ${limit}`, 'too_deep')
}

export function tooMany(): never {
  refuse('The message holds more values than are allowed', 'too_deep')
}

/** @param name of the record, @param key of the field */
export function missing(name: string, key: string): never {
  refuse(`${name}.${key} is missing`)
}

export function twice(name: string, key: string): never {
  refuse(`${name}.${key} is there twice`)
}

/** A union holds one member; of those it might hold, so many were found. */
export function notOne(name: string, found: number): never {
  refuse(found === 0 ? `${name} holds no known member` : `${name} holds ${found} members`)
}

export function otherType(): never {
  refuse('A container holds values of another type')
}

export function repeated(what: 'set' | 'map'): never {
  refuse(what === 'set' ? 'A set has an element twice' : 'A map has a key twice')
}
