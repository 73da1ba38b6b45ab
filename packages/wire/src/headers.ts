import { type Headers, type Limits, RpcError } from '@hawser/contract'
import { readU16, writeU16 } from './frames.js'
import { textOf, utf8 } from './text.js'

/** What a call without headers has. */
export const noHeaders: Headers = new Map()

const keyPattern = /^[a-z0-9\-_.]+$/
const forbidden = /[\r\n\0]/

/**
 * Lays headers out as pairs of length-prefixed texts. Both directions are checked: what we echo must be clean too.
 * @throws RpcError `invalid_argument` / `bad_header`, executed: no
 */
export function encodeHeaders(headers: Headers, limits: Limits): Uint8Array {
  if (headers.size > limits.headerCount) throw badHeader(`more than ${limits.headerCount} headers`)
  const parts: Uint8Array[] = []
  let size = 0
  for (const [key, value] of headers) {
    const parted = [utf8(key), utf8(value)] as const
    check(key, value, parted[0].length, parted[1].length, limits)
    if (!value.isWellFormed()) throw badHeader(`the value of ${key} is not well-formed text`)
    parts.push(...parted)
    size += 4 + parted[0].length + parted[1].length
  }
  if (size > limits.headerBytes) throw badHeader(`headers of ${size} bytes, over ${limits.headerBytes}`)
  const block = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    writeU16(block, at, part.length)
    block.set(part, at + 2)
    at += 2 + part.length
  }
  return block
}

/** @throws RpcError `invalid_argument` / `bad_header`, executed: no */
export function decodeHeaders(block: Uint8Array, limits: Limits): Headers {
  if (block.length > limits.headerBytes)
    throw badHeader(`headers of ${block.length} bytes, over ${limits.headerBytes}`)
  const headers = new Map<string, string>()
  let at = 0
  const next = (): string => {
    const end = at + 2 + (at + 2 <= block.length ? readU16(block, at) : 0)
    if (at + 2 > block.length || end > block.length)
      throw badHeader('a header runs past the end of its block')
    const text = textOf(block.subarray(at + 2, end))
    if (text === undefined) throw badHeader('a header is not UTF-8')
    at = end
    return text
  }
  while (at < block.length) {
    const keyAt = at
    const key = next()
    const valueAt = at
    const value = next()
    check(key, value, valueAt - keyAt - 2, at - valueAt - 2, limits)
    if (headers.has(key)) throw badHeader(`the header ${key} comes twice`)
    headers.set(key, value)
    if (headers.size > limits.headerCount) throw badHeader(`more than ${limits.headerCount} headers`)
  }
  return headers
}

function check(key: string, value: string, keyBytes: number, valueBytes: number, limits: Limits): void {
  if (keyBytes > limits.headerKeyBytes)
    throw badHeader(`a key of ${keyBytes} bytes, over ${limits.headerKeyBytes}`)
  if (!keyPattern.test(key)) throw badHeader('a key with characters outside [a-z0-9-_.]')
  if (valueBytes > limits.headerValueBytes)
    throw badHeader(`a value of ${valueBytes} bytes for ${key}, over ${limits.headerValueBytes}`)
  if (forbidden.test(value)) throw badHeader(`CR, LF or NUL in the value of ${key}`)
}

function badHeader(what: string): RpcError {
  return new RpcError('invalid_argument', `Bad headers: ${what}`, { reason: 'bad_header', executed: 'no' })
}
