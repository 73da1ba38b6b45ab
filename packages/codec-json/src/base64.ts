import { isBytes, refuse } from '@hawser/codec-base'
import { nativeBase64 } from './text.js'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const none = 64
const values: Uint8Array = new Uint8Array(128).fill(none)
for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i

/** Bytes as padded base64 of the standard alphabet (RFC 4648, section 4). */
export function toBase64(bytes: Uint8Array): string {
  const fast = nativeBase64(bytes)
  if (fast !== undefined) return fast
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at
    const group = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    text += alphabet[group >> 18]! + alphabet[(group >> 12) & 63]!
    text += (left > 1 ? alphabet[(group >> 6) & 63]! : '=') + (left > 2 ? alphabet[group & 63]! : '=')
  }
  return text
}

/**
 * The bytes that a JSON value stands for, for the side that expects bytes: a Uint8Array as it is, or base64 text of the
 * standard alphabet, padded or not. Nothing else, and no second spelling of the same bytes, is let through.
 * @throws RpcError `invalid_argument` / `bad_payload`
 */
export function asBytes(value: unknown): Uint8Array {
  if (typeof value === 'object' && value !== null && isBytes(value)) return value
  if (typeof value !== 'string') refuse('Bytes must be base64 text')
  return fromBase64(value)
}

/**
 * As `asBytes`, of text in the alphabet for addresses too (RFC 4648, section 5).
 * @throws RpcError `invalid_argument` / `bad_payload`
 */
export function readBase64(text: string): Uint8Array {
  const usual = /[-_]/.test(text) ? text.replaceAll('-', '+').replaceAll('_', '/') : text
  return fromBase64(usual)
}

function fromBase64(text: string): Uint8Array {
  let length = text.length
  if (length % 4 === 0 && text.endsWith('=')) length -= text.endsWith('==') ? 2 : 1
  const tail = length % 4
  if (tail === 1) refuse('Base64 text of a length that cannot be')
  const bytes = new Uint8Array(Math.floor((length * 3) / 4))
  let group = 0
  let to = 0
  for (let at = 0; at < length; at++) {
    const value = values[text.charCodeAt(at)] ?? none
    if (value === none) refuse('Base64 text with a character outside its alphabet')
    group = (group << 6) | value
    if ((at & 3) === 3) {
      bytes[to++] = group >> 16
      bytes[to++] = group >> 8
      bytes[to++] = group
      group = 0
    }
  }
  if (tail === 0) return bytes
  // What is left of the last group has to be zero, or two texts would mean the same bytes.
  if ((group & (tail === 2 ? 15 : 3)) !== 0) refuse('Base64 text that ends in stray bits')
  if (tail === 2) bytes[to] = group >> 4
  else {
    bytes[to++] = group >> 10
    bytes[to] = group >> 2
  }
  return bytes
}
