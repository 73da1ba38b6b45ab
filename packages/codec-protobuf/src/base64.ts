import { native, Refusal } from '@hawser/codec-base'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Bytes as padded base64 of the standard alphabet (RFC 4648, section 4). */
export function base64(bytes: Uint8Array): string {
  if (native !== undefined) return native.Buffer.prototype.base64Slice.call(bytes, 0, bytes.length)
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b, c] = bytes.subarray(at, at + 3)
    const group = (a << 16) | ((b ?? 0) << 8) | (c ?? 0)
    text += alphabet[group >> 18]! + alphabet[(group >> 12) & 63]!
    text +=
      (b === undefined ? '=' : alphabet[(group >> 6) & 63]!) + (c === undefined ? '=' : alphabet[group & 63]!)
  }
  return text
}

const values: ReadonlyMap<string, number> = new Map([
  ...Array.from(alphabet, (character, at): [string, number] => [character, at]),
  // The alphabet for addresses (section 5) is taken too.
  ['-', 62],
  ['_', 63],
])

/** The bytes of base64 text of either alphabet, padded or not. Throws Refusal. */
export function bytesOf(text: string): Uint8Array {
  const digits = text.replace(/={0,2}$/, '')
  if (digits.length % 4 === 1) throw new Refusal('is base64 text of a length that cannot be')
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4))
  let group = 0
  let at = 0
  for (let i = 0; i < digits.length; i++) {
    const value = values.get(digits[i]!)
    if (value === undefined) throw new Refusal('is base64 text with a character outside its alphabet')
    group = ((group << 6) | value) & 0xff_ffff
    const bits = ((i + 1) * 6) % 8
    if (i % 4 !== 0) bytes[at++] = (group >> bits) & 0xff
  }
  return bytes
}
