import { join } from '../bytes.js'

const lengthBytes = 4

/** A message as it crosses the wire, written down without any of the code under test. */
export function frame(body: Uint8Array, bigEndian: boolean): Uint8Array {
  const length = new Uint8Array(lengthBytes)
  new DataView(length.buffer).setUint32(0, body.length, !bigEndian)
  return join(length, body)
}

/** A stream of messages as it falls apart at their ends; what is none comes last. */
export function splitAt(bytes: Uint8Array, bigEndian: boolean): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let at = 0
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  while (at + lengthBytes <= bytes.length) {
    const end = at + lengthBytes + view.getUint32(at, !bigEndian)
    if (end > bytes.length) break
    pieces.push(bytes.subarray(at, end))
    at = end
  }
  if (at < bytes.length) pieces.push(bytes.subarray(at))
  return pieces
}

/** The bodies of a stream of messages; what is none counts as one. */
export function framesOf(bytes: Uint8Array, bigEndian: boolean): Uint8Array[] {
  return splitAt(bytes, bigEndian).map((piece) => piece.subarray(lengthBytes))
}

/** What the messages of a stream say, up to the first that is none. */
export function answersOf(bytes: Uint8Array, bigEndian: boolean): unknown[] {
  const answers: unknown[] = []
  for (const piece of splitAt(bytes, bigEndian)) {
    const body = piece.subarray(lengthBytes)
    if (piece.length < lengthBytes || frame(body, bigEndian).join() !== piece.join()) break
    answers.push(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)))
  }
  return answers
}
