// How many bytes each token from c0 to df takes; the contents of texts and byte strings come on top. 0 for what is not to be
// met: c1, and extensions.
const sizes = Uint8Array.of(
  ...[1, 0, 1, 1, 2, 3, 5, 0, 0, 0, 5, 9, 2, 3, 5, 9],
  ...[2, 3, 5, 9, 0, 0, 0, 0, 0, 2, 3, 5, 3, 5, 3, 5],
)

/**
 * Puts what was meant in the place of its stand-ins:
 *
 * - int 64 of 0 or more is an unsigned integer, which msgpackr writes so only from 2^63 on; of 0, it is -0, which it would
 *   write as 0;
 * - some of the byte strings, given by their numbers, are timestamps. msgpackr would find the form of a Date in a table that
 *   all code in the process may change, and use its longest form where a shorter one will do.
 *
 * Returns how many byte strings it met, or -1 where it met an extension.
 */
export function correct(bytes: Uint8Array, start: number, dates: readonly number[]): number {
  let met = 0
  let date = 0
  for (let at = start; at < bytes.length; ) {
    const token = bytes[at]!
    if (token < 0xa0 || token >= 0xe0) {
      at++
      continue
    }
    if (token < 0xc0) {
      at += 1 + (token & 0x1f)
      continue
    }
    const size = sizes[token - 0xc0]!
    if (size === 0) return -1
    if (token === 0xd3 && bytes[at + 1]! < 0x80) {
      correctInteger(bytes, at)
    } else if (token >= 0xd9 && token <= 0xdb) {
      at += length(bytes, at, size)
    } else if (token >= 0xc4 && token <= 0xc6) {
      const contents = length(bytes, at, size)
      if (met++ === dates[date]) {
        date++
        correctDate(bytes, at, contents)
      }
      at += contents
    }
    at += size
  }
  return met
}

function correctInteger(bytes: Uint8Array, at: number): void {
  for (let i = 1; i <= 8; i++)
    if (bytes[at + i] !== 0) {
      bytes[at] = 0xcf
      return
    }
  bytes[at] = 0xcb
  bytes[at + 1] = 0x80
}

function correctDate(bytes: Uint8Array, at: number, contents: number): void {
  if (contents === 4 || contents === 8) {
    bytes[at] = contents === 4 ? 0xd6 : 0xd7
    bytes[at + 1] = 0xff
  } else {
    bytes[at] = 0xc7
    bytes[at + 1] = 12
  }
}

function length(bytes: Uint8Array, at: number, size: number): number {
  let total = 0
  for (let i = 1; i < size; i++) total = total * 0x100 + bytes[at + i]!
  return total
}
