import type { Headers, Limits, RpcError } from '@hawser/contract'
import { readU16, textOf, utf8, writeU16 } from '@hawser/wire'
import { fault } from './fault.js'

/** Headers as pairs of texts with their lengths. @throws RpcError `bad_header`, executed: no */
export function encodeHeaders(headers: Headers, limits: Limits): Uint8Array {
  const block = new Uint8Array(limits.headerBytes + 1)
  let at = 0
  for (const texts of headers)
    for (const text of texts) {
      const bytes = utf8(text)
      if (at + 2 + bytes.length > limits.headerBytes) throw badHeader('their size')
      writeU16(block, at, bytes.length)
      block.set(bytes, at + 2)
      at += 2 + bytes.length
    }
  // What is sent has to be as clean as what is taken.
  decodeHeaders(block.subarray(0, at), limits)
  return block.subarray(0, at)
}

/** @throws RpcError `bad_header`, executed: no */
export function decodeHeaders(block: Uint8Array, limits: Limits): Headers {
  const headers = new Map<string, string>()
  let at = 0
  const next = (most: number): string => {
    const start = at + 2
    at = start + (start <= block.length ? readU16(block, at) : 0)
    const text = at <= block.length && at - start <= most ? textOf(block.subarray(start, at)) : undefined
    if (text === undefined) throw badHeader('their layout')
    return text
  }
  while (at < block.length) {
    const key = next(limits.headerKeyBytes)
    const value = next(limits.headerValueBytes)
    if (!/^[a-z0-9\-_.]+$/.test(key) || /[\r\n\0]/.test(value) || headers.has(key)) throw badHeader(key)
    headers.set(key, value)
  }
  if (headers.size > limits.headerCount || at > limits.headerBytes) throw badHeader('their number')
  return headers
}

function badHeader(what: string): RpcError {
  return fault('invalid_argument', 'bad_header', `Bad headers: ${what}`, 'no')
}
