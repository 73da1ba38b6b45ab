import { readU16, utf8, writeU16, writeU32 } from '@hawser/wire'
import { badFrame } from './fault.js'
import type { ClientLimits } from './limits.js'

/**
 * A name with its length.
 * @throws TypeError for one that is empty, too long or not well-formed
 */
export function nameParts(name: string, { methodBytes }: ClientLimits): Uint8Array[] {
  const bytes = utf8(name)
  const { length } = bytes
  if (length === 0 || length > methodBytes || !name.isWellFormed())
    throw new TypeError(`A name is well-formed and takes from 1 to ${methodBytes} bytes`)
  return [u16(length), bytes]
}

/**
 * A block of bytes with its length in front.
 * @throws RpcError `bad_frame` for one that runs past the end
 */
export function blockIn(body: Uint8Array): Uint8Array {
  const end = body.length < 2 ? Infinity : 2 + readU16(body, 0)
  if (end > body.length) throw badFrame('A malformed block')
  return body.subarray(2, end)
}

/** Two bytes. */
export function u16(value: number): Uint8Array {
  const bytes = new Uint8Array(2)
  writeU16(bytes, 0, value)
  return bytes
}

/** Four bytes. */
export function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  writeU32(bytes, 0, value)
  return bytes
}
