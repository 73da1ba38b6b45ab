import { native, Refusal, readText, refuse, textRoom, writeText } from '@hawser/codec-base'
import { longestKnown } from './known-texts.js'
import { cutShort, type Reader } from './reader.js'

// A text keeps the piece of Latin-1 alive that it was cut from, so that piece is small.
const windowBytes = 1024
// Texts up to so many bytes are cut from it. Longer ones are worth a call of their own.
const longestCut = 256
// Browsers call it latin1 but mean windows-1252: for ASCII, which is all that is cut, and in length they are the same.
const latinDecoder = native ? undefined : new TextDecoder('latin1')

/** Reads so many bytes of strict UTF-8. */
export function readUtf8(reader: Reader, at: number, length: number): string {
  const { bytes } = reader
  const end = at + length
  if (end > reader.end) cutShort()
  reader.at = end
  const { view, texts } = reader
  if (length > longestKnown || length === 0) return readUnknown(reader, bytes, view, at, end)
  const known = texts.find(view, at, length)
  if (known !== undefined) return known
  const { place } = texts
  if (place < 0) return readUnknown(reader, bytes, view, at, end)
  // On its own, so that it keeps nothing alive but itself.
  const text = readLong(bytes, at, end)
  texts.keep(place, bytes, at, length, text)
  return text
}

function readUnknown(reader: Reader, bytes: Uint8Array, view: DataView, at: number, end: number): string {
  if (end - at > longestCut) return readLong(bytes, at, end)
  let either = 0
  let i = at
  for (const last = end - 3; i < last; i += 4) either |= view.getInt32(i)
  for (; i < end; i++) either |= bytes[i]!
  if (either & 0x8080_8080) return readOther(bytes, at, end)
  if (at < reader.latinStart || end > reader.latinEnd) openWindow(reader, at)
  return reader.latin.substring(at - reader.latinStart, end - reader.latinStart)
}

// Up to so many bytes a loop beats calling out.
const longestUnits = 64
// An array for each number of code units, because what is applied has to have the right length.
const units: readonly number[][] = Array.from({ length: longestUnits + 1 }, (_, length) =>
  new Array<number>(length).fill(0),
)

function readOther(bytes: Uint8Array, at: number, end: number): string {
  if (end - at > longestUnits) return readLong(bytes, at, end)
  // Every byte that goes on with a character is no code unit of its own, but the last of four is.
  let length = 0
  for (let i = at; i < end; i++) {
    const byte = bytes[i]!
    length += (byte & 0xc0) === 0x80 ? 0 : byte >= 0xf0 ? 2 : 1
  }
  const found = units[length]!
  let n = 0
  let i = at
  while (i < end) {
    const first = bytes[i++]!
    if (first < 0x80) {
      found[n++] = first
      continue
    }
    // What is past the message is no byte that goes on; what is past the text may be, and shows in where this ends.
    const second = bytes[i++]! ^ 0x80
    if (first < 0xe0) {
      if (first < 0xc2 || second > 0x3f) badText()
      found[n++] = ((first & 0x1f) << 6) | second
      continue
    }
    const third = bytes[i++]! ^ 0x80
    if (first < 0xf0) {
      const unit = ((first & 0x0f) << 12) | (second << 6) | third
      if ((second | third) > 0x3f || unit < 0x800 || (unit >= 0xd800 && unit < 0xe000)) badText()
      found[n++] = unit
      continue
    }
    const fourth = bytes[i++]! ^ 0x80
    const point = ((first & 0x07) << 18) | (second << 12) | (third << 6) | fourth
    if (first > 0xf4 || (second | third | fourth) > 0x3f || point < 0x1_0000 || point > 0x10_ffff) badText()
    found[n++] = 0xd7c0 + (point >> 10)
    found[n++] = 0xdc00 | (point & 0x3ff)
  }
  if (i !== end || n !== length) badText()
  return String.fromCharCode.apply(undefined, found)
}

function openWindow(reader: Reader, at: number): void {
  const { bytes } = reader
  const end = Math.min(reader.end, at + windowBytes)
  reader.latinStart = at
  reader.latinEnd = end
  reader.latin = native
    ? native.Buffer.prototype.latin1Slice.call(bytes, at, end)
    : latinDecoder!.decode(bytes.subarray(at, end))
}

function readLong(bytes: Uint8Array, at: number, end: number): string {
  if (native) {
    const part = new Uint8Array(bytes.buffer, bytes.byteOffset + at, end - at)
    if (native.isAscii(part)) return native.Buffer.prototype.latin1Slice.call(bytes, at, end)
    if (!native.isUtf8(part)) badText()
    return native.Buffer.prototype.utf8Slice.call(bytes, at, end)
  }
  try {
    return readText(bytes.subarray(at, end))
  } catch {
    badText()
  }
}

function badText(): never {
  refuse('A string is not valid UTF-8')
}

/** How many bytes a text takes at the most; exactly for a long one, where that may be much less. */
export function roomOf(text: string): number {
  return text.length < 256 ? text.length * 3 : textRoom(text)
}

/** How many bytes a text takes: exactly for a short one. */
export function exactRoom(text: string): number {
  const { length } = text
  if (length >= 256) return textRoom(text)
  let bytes = length
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i)
    // Each half of a surrogate pair counts as half of its four bytes; one alone is refused.
    if (unit >= 0x80) bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2
  }
  return bytes
}

// Up to here a loop beats calling out.
const longestLoop = 40

/** Writes a text where there is room for it, and returns its length in bytes. */
export function writeUtf8(bytes: Uint8Array, text: string, at: number): number {
  const { length } = text
  if (length <= longestLoop) {
    let i = 0
    for (; i < length; i++) {
      const unit = text.charCodeAt(i)
      if (unit >= 0x80) break
      bytes[at + i] = unit
    }
    return i === length ? length : i + writeOther(bytes, text, i, at + i)
  }
  if (!text.isWellFormed()) badSurrogate()
  return writeText(text, bytes, at)
}

function writeOther(bytes: Uint8Array, text: string, from: number, start: number): number {
  let at = start
  for (let i = from; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) bytes[at++] = unit
    else if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6)
      bytes[at++] = 0x80 | (unit & 0x3f)
    } else if (unit < 0xd800 || unit > 0xdfff) {
      bytes[at++] = 0xe0 | (unit >> 12)
      bytes[at++] = 0x80 | ((unit >> 6) & 0x3f)
      bytes[at++] = 0x80 | (unit & 0x3f)
    } else {
      // The second half; NaN past the end.
      const low = text.charCodeAt(++i)
      if (unit > 0xdbff || !(low >= 0xdc00 && low <= 0xdfff)) badSurrogate()
      const point = ((unit & 0x3ff) << 10) + (low & 0x3ff) + 0x1_0000
      bytes[at++] = 0xf0 | (point >> 18)
      bytes[at++] = 0x80 | ((point >> 12) & 0x3f)
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f)
      bytes[at++] = 0x80 | (point & 0x3f)
    }
  }
  return at - start
}

function badSurrogate(): never {
  throw new Refusal('holds half a surrogate pair')
}
