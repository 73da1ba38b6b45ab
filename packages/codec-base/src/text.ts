/** The parts of Node's buffer module that are faster than what every runtime has. */
export interface Native {
  readonly Buffer: { readonly prototype: NativeBytes; byteLength(text: string): number }
  isAscii(bytes: Uint8Array): boolean
  isUtf8(bytes: Uint8Array): boolean
}

/** Methods of a Buffer that take any Uint8Array as `this`. */
export interface NativeBytes {
  base64Slice(this: Uint8Array, start: number, end: number): string
  indexOf(this: Uint8Array, byte: number, from: number): number
  latin1Slice(this: Uint8Array, start: number, end: number): string
  utf8Slice(this: Uint8Array, start: number, end: number): string
  utf8Write(this: Uint8Array, text: string, at: number, length: number): number
}

interface Platform {
  readonly process?: { getBuiltinModule?(name: string): unknown }
}

/** Undefined where the runtime has not all of it. */
export const native: Native | undefined = /* @__PURE__ */ nativeParts()

const encoder = /* @__PURE__ */ new TextEncoder()
// With ignoreBOM a byte order mark stays in the text.
const decoder = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function nativeParts(): Native | undefined {
  const found = (globalThis as Platform).process?.getBuiltinModule?.('node:buffer') as Native | undefined
  if (found === undefined) return undefined
  const { base64Slice, indexOf, latin1Slice, utf8Slice, utf8Write } = found.Buffer.prototype
  const parts = [base64Slice, indexOf, latin1Slice, utf8Slice, utf8Write, found.isAscii, found.isUtf8]
  return parts.every((part) => typeof part === 'function') ? found : undefined
}

/**
 * The text of strict UTF-8.
 * @throws TypeError for anything else
 */
export function readText(bytes: Uint8Array): string {
  return decoder.decode(bytes)
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
