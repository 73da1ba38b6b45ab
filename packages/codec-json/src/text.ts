import { native } from '@hawser/codec-base'

/** Where the byte is next, from `from` on; the length where it is nowhere. */
export function find(bytes: Uint8Array, byte: number, from: number): number {
  const at =
    native === undefined ? bytes.indexOf(byte, from) : native.Buffer.prototype.indexOf.call(bytes, byte, from)
  return at < 0 ? bytes.length : at
}

/** Base64 by the runtime, where it has one that takes any Uint8Array. */
export function nativeBase64(bytes: Uint8Array): string | undefined {
  return native?.Buffer.prototype.base64Slice.call(bytes, 0, bytes.length)
}
