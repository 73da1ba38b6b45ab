import { joined, utf8 } from '@hawser/wire'
import * as ws from 'ws'

/** How messages are told apart on a socket after its upgrade. */
export interface Framing {
  /** Bytes of a message, ready for a socket. */
  frame(payload: Uint8Array, text: boolean): Uint8Array
}

interface FrameMaker {
  frame(
    data: Uint8Array,
    options: { readonly fin: true; readonly opcode: number; readonly mask: false; readonly readOnly: true },
  ): readonly Uint8Array[]
}

// Part of the package, though its published types do not mention it.
const { Sender } = ws as unknown as { readonly Sender: FrameMaker }
const opcodes = { text: 1, binary: 2 }

/** The frames of RFC 6455, as a server sends them. */
export const webSocketFraming: Framing = {
  frame(payload, text) {
    const opcode = text ? opcodes.text : opcodes.binary
    return joined(Sender.frame(payload, { fin: true, opcode, mask: false, readOnly: true }))
  },
}

const lengthBytes = 8

/** What local sockets carry in the AMRPC profile: a length of 64 bits, big endian, and the message. */
export const lengthFraming: Framing = {
  frame: (payload) => prefixed(BigInt(payload.length), payload),
}

/** The last message: its length is written below zero, and it says why. */
export function lengthFarewell(reason: string): Uint8Array {
  const text = utf8(reason)
  return prefixed(-BigInt(text.length), text)
}

function prefixed(length: bigint, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(lengthBytes + payload.length)
  new DataView(bytes.buffer).setBigInt64(0, length)
  bytes.set(payload, lengthBytes)
  return bytes
}
