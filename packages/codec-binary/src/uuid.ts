import { wrong } from './put.js'
import { cutShort, type Reader } from './reader.js'
import type { Writer } from './writer.js'

const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const octetTexts: readonly string[] = Array.from({ length: 256 }, (_, octet) =>
  octet.toString(16).padStart(2, '0'),
)
// Where each byte's two digits are in the text.
const places: readonly number[] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]

/** Writes the 16 bytes of a UUID. */
export function putUuid(writer: Writer, value: unknown, at: number): number {
  if (typeof value !== 'string' || !form.test(value)) wrong(value, 'a UUID in lower case')
  const { bytes } = writer
  for (let i = 0; i < 16; i++) {
    const place = places[i]!
    bytes[at + i] = (digit(value.charCodeAt(place)) << 4) | digit(value.charCodeAt(place + 1))
  }
  return at + 16
}

function digit(unit: number): number {
  return unit < 0x40 ? unit - 0x30 : unit - 0x57
}

/** Reads the 16 bytes of a UUID. */
export function takeUuid(reader: Reader, at: number): string {
  if (reader.end - at < 16) cutShort()
  const { bytes } = reader
  let text = ''
  for (let i = 0; i < 16; i++) {
    text += octetTexts[bytes[at + i]!]
    if (i === 3 || i === 5 || i === 7 || i === 9) text += '-'
  }
  reader.at = at + 16
  return text
}
