import { bigEndian, join, readBigEndian } from '../bytes.js'

// Of docs/protocol.md, said again here: a fuzzer that asked the code under test would believe its mistakes.
export const preface: Uint8Array = Uint8Array.of(0xf8, 0x68, 0x61, 0x77, 0x73, 0x65, 0x72, 0x0a)
export const headBytes = 12
export const kinds = [
  'none',
  'hello',
  'request',
  'reply',
  'error',
  'item',
  'end',
  'credit',
  'cancel',
  'notify',
  'ping',
  'pong',
  'goaway',
] as const
/** The flag of a reply whose items follow. */
export const streamFlag = 8

/** A frame, taken apart. */
export interface Frame {
  readonly kind: number
  readonly flags: number
  readonly codec: number
  readonly detail: number
  readonly id: number
  readonly body: Uint8Array
}

/** The frames of a stream without its preface, and what is left behind the last whole one. */
export function framesOf(bytes: Uint8Array): { frames: Frame[]; rest: Uint8Array } {
  const frames: Frame[] = []
  let at = 0
  while (bytes.length - at >= 4) {
    const size = 4 + readBigEndian(bytes, at, 4)
    if (size < headBytes || at + size > bytes.length) break
    frames.push({
      kind: bytes[at + 4]!,
      flags: bytes[at + 5]!,
      codec: bytes[at + 6]!,
      detail: bytes[at + 7]!,
      id: readBigEndian(bytes, at + 8, 4),
      body: bytes.subarray(at + headBytes, at + size),
    })
    at += size
  }
  return { frames, rest: bytes.subarray(at) }
}

/** @param length what it says of its own length; the truth unless told otherwise */
export function bytesOf(frame: Frame, length: number = headBytes - 4 + frame.body.length): Uint8Array {
  const { kind, flags, codec, detail, id, body } = frame
  return join(bigEndian(length, 4), Uint8Array.of(kind, flags, codec, detail), bigEndian(id, 4), body)
}
