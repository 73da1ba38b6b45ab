import type { Framing } from '@hawser/wire'

/** Bytes of the length in front of each message. */
export const lengthBytes = 4

/** Lengths of four bytes, the length itself not counted. */
export function framingOf(bigEndian: boolean): Framing {
  return {
    prefixBytes: lengthBytes,
    size: bigEndian
      ? (bytes, at) => lengthBytes + bigSize(bytes, at)
      : (bytes, at) => lengthBytes + littleSize(bytes, at),
  }
}

/** Writes a length. */
export function writeLength(bytes: Uint8Array, at: number, length: number, bigEndian: boolean): void {
  for (let index = 0; index < lengthBytes; index++) {
    const place = bigEndian ? lengthBytes - 1 - index : index
    bytes[at + place] = (length >>> (8 * index)) & 0xff
  }
}

function littleSize(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)) + bytes[at + 3]! * 2 ** 24
}

function bigSize(bytes: Uint8Array, at: number): number {
  return (bytes[at + 3]! | (bytes[at + 2]! << 8) | (bytes[at + 1]! << 16)) + bytes[at]! * 2 ** 24
}

const brace = 0x7b
// What may follow the brace of an object: white space, a key, its end.
const second: readonly number[] = [0x22, 0x7d, 0x20, 0x09, 0x0a, 0x0d]
// Lengths from here on, of 256 MiB, are over every limit. Text in their place would be far more.
const saneHigh = 0x10

/**
 * Do these bytes begin with a sane length, and then an object? No other protocol's do: where text has a length of hundreds
 * of megabytes, TLS has no brace that a key could follow.
 */
export function sniffFrame(head: Uint8Array, bigEndian: boolean): 'yes' | 'no' | 'more' {
  const highest = head[bigEndian ? 0 : lengthBytes - 1]
  if (highest !== undefined && highest >= saneHigh) return 'no'
  if (head.length > lengthBytes && head[lengthBytes] !== brace) return 'no'
  if (head.length < lengthBytes + 2) return 'more'
  return second.includes(head[lengthBytes + 1]!) ? 'yes' : 'no'
}
