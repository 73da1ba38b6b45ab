import { native } from '@hawser/codec-base'

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
