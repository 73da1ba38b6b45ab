import type { Headers, RpcError } from '@hawser/contract'
import { readU16, textOf, utf8, writeU16 } from '@hawser/wire'
import { fault } from './fault.js'
import type { ClientLimits } from './limits.js'

/** Headers as pairs of texts with their lengths. @throws RpcError `bad_header`, executed: no */
export function encodeHeaders(headers: Headers, limits: ClientLimits): Uint8Array {
  const block = new Uint8Array(limits.headerBytes)
  let at = 0
  for (const texts of headers)
    for (const text of texts) {
      const bytes = utf8(text)
      if (at + 2 + bytes.length > block.length || !text.isWellFormed()) throw badHeader(texts[0])
      writeU16(block, at, bytes.length)
      block.set(bytes, at + 2)
      at += 2 + bytes.length
    }
  const sent = block.subarray(0, at)
  // What is sent has to be as clean as what is taken.
  const broken = faultIn(sent, limits)
  if (broken) throw broken
  return sent
}

/** What is wrong with a block, if anything is. */
export function faultIn(block: Uint8Array, limits: ClientLimits): RpcError | undefined {
  const keys = new Set<string>()
  let at = 0
  const next = (most: number): string | undefined => {
    const start = at + 2
    at = start + (start <= block.length ? readU16(block, at) : 0)
    return at <= block.length && at - start <= most ? textOf(block.subarray(start, at)) : undefined
  }
  while (at < block.length) {
    const key = next(limits.headerKeyBytes)
    const value = next(limits.headerValueBytes)
    const clean = key && /^[a-z0-9\-_.]+$/.test(key) && !keys.has(key) && value !== undefined
    if (!clean || /[\r\n\0]/.test(value)) return badHeader(key ?? '')
    keys.add(key)
  }
  return keys.size > limits.headerCount || at > limits.headerBytes ? badHeader('too many') : undefined
}

function badHeader(which: string): RpcError {
  return fault('invalid_argument', 'bad_header', `Bad headers: ${which}`, 'no')
}
