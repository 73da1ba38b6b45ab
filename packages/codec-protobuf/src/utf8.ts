import { native, readText, refuse } from '@hawser/codec-base'

/** Strict UTF-8 (the Unicode Standard, table 3-7), for so few bytes that a call out of the engine takes longer. */
export function shortText(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  let at = start
  while (at < end) {
    const first = bytes[at++]!
    if (first < 0x80) {
      text += String.fromCharCode(first)
      continue
    }
    const more = first < 0xc2 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : 0
    if (more === 0 || end - at < more) noUtf8()
    const second = bytes[at]!
    const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
    const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
    if (second < least || second > most) noUtf8()
    let character = first & (0x3f >> more)
    for (const last = at + more; at < last; at++) {
      const byte = bytes[at]!
      if ((byte & 0xc0) !== 0x80) noUtf8()
      character = (character << 6) | (byte & 0x3f)
    }
    text += more < 3 ? String.fromCharCode(character) : String.fromCodePoint(character)
  }
  return text
}

/** Strict UTF-8, for more of it. */
export function longText(bytes: Uint8Array, start: number, end: number): string {
  const part = new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start)
  if (native === undefined) return readText(part)
  const { prototype } = native.Buffer
  if (native.isAscii(part)) return prototype.latin1Slice.call(bytes, start, end)
  if (!native.isUtf8(part)) noUtf8()
  return prototype.utf8Slice.call(bytes, start, end)
}

function noUtf8(): never {
  refuse('A string is not valid UTF-8')
}
