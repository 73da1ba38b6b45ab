import { claim } from '../target.js'

/** A frame of RFC 6455. */
export interface WebSocketFrame {
  readonly opcode: number
  /** Of one that closes. */
  readonly code: number | undefined
  readonly payload: Uint8Array
}

const opcodes: ReadonlySet<number> = new Set([1, 2, 8, 9, 10])
const close = 8
const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * The frames in what a server sent, whole ones only.
 * @throws Error for what no server may send
 */
export function framesIn(bytes: Uint8Array): WebSocketFrame[] {
  const frames: WebSocketFrame[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at + 2 <= bytes.length; ) {
    const opcode = bytes[at]! & 0x0f
    const short = bytes[at + 1]!
    claim((bytes[at]! & 0xf0) === 0x80, 'A frame that is not whole, or has reserved bits')
    claim(opcodes.has(opcode), `A frame of opcode ${opcode}`)
    claim(short < 0x80, 'A masked frame')
    const from = at + (short === 127 ? 10 : short === 126 ? 4 : 2)
    if (from > bytes.length) break
    const length =
      short === 127 ? Number(view.getBigUint64(at + 2)) : short === 126 ? view.getUint16(at + 2) : short
    if (from + length > bytes.length) break
    const payload = bytes.subarray(from, from + length)
    if (opcode === 1) utf8.decode(payload)
    const code = opcode === close && length >= 2 ? payload[0]! * 256 + payload[1]! : undefined
    if (opcode === close && length > 2) utf8.decode(payload.subarray(2))
    frames.push({ opcode, code, payload })
    at = from + length
  }
  return frames
}
