/**
 * Bytes with all of their memory to themselves. A byte field of a decoded value may be a part of the message it came in, valid for
 * good, and keeping all of that message: for what is to be kept for long, this makes a copy. Bytes that are all of their
 * memory are returned as they are.
 */
export function owned(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)
}
