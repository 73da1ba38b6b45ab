/** The parts of Node's buffer module that are faster than what every runtime has. */
interface Native {
  readonly Buffer: { readonly prototype: NativeBytes; byteLength(text: string): number }
}

interface NativeBytes {
  base64Slice(this: Uint8Array, start: number, end: number): string
  indexOf(this: Uint8Array, byte: number, from: number): number
  utf8Write(this: Uint8Array, text: string, at: number, length: number): number
}

interface Platform {
  readonly process?: { getBuiltinModule?(name: string): unknown }
}

const native = nativeText()
const encoder = new TextEncoder()
// With ignoreBOM a byte order mark stays in the text, where JSON.parse refuses it.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function nativeText(): Native | undefined {
  const found = (globalThis as Platform).process?.getBuiltinModule?.('node:buffer') as Native | undefined
  const { base64Slice, indexOf, utf8Write } = found?.Buffer.prototype ?? {}
  return [base64Slice, indexOf, utf8Write].every((part) => typeof part === 'function') ? found : undefined
}

/**
 * The text of strict UTF-8.
 * @throws TypeError for anything else
 */
export function readText(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

/** Where the byte is next, from `from` on; the length where it is nowhere. */
export function find(bytes: Uint8Array, byte: number, from: number): number {
  const at =
    native === undefined ? bytes.indexOf(byte, from) : native.Buffer.prototype.indexOf.call(bytes, byte, from)
  return at < 0 ? bytes.length : at
}

/** How many bytes the text takes at the most; exact for long texts, so that no room is wasted on them. */
export function textRoom(text: string): number {
  if (text.length < 256 || native === undefined) return text.length * 3
  return native.Buffer.byteLength(text)
}

/** Writes well-formed text where there is room for it, and returns its length in bytes. */
export function writeText(text: string, bytes: Uint8Array, at: number): number {
  if (native === undefined) return encoder.encodeInto(text, bytes.subarray(at)).written
  return native.Buffer.prototype.utf8Write.call(bytes, text, at, bytes.length - at)
}

/** Base64 by the runtime, where it has one that takes any Uint8Array. */
export function nativeBase64(bytes: Uint8Array): string | undefined {
  return native?.Buffer.prototype.base64Slice.call(bytes, 0, bytes.length)
}
