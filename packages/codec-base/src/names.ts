/** A key as text and as bytes. */
export interface Name {
  readonly text: string
  readonly bytes: Uint8Array
}

// The keys by which a careless receiver's prototypes can be changed: the first anywhere, the second under the third.
export const protoKey: Name = name('__proto__')
export const prototypeKey: Name = name('prototype')
export const constructorKey: Name = name('constructor')

function name(text: string): Name {
  return { text, bytes: Uint8Array.from(text, (character) => character.charCodeAt(0)) }
}

/** Are the bytes from `start` to `end` the name? */
export function isName(name: Name, bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === name.bytes.length && sameBytes(bytes, start, name.bytes, 0, end - start)
}

/** Are so many bytes of one the same as of the other? */
export function sameBytes(
  bytes: Uint8Array,
  at: number,
  others: Uint8Array,
  from: number,
  length: number,
): boolean {
  for (let i = 0; i < length; i++) if (bytes[at + i] !== others[from + i]) return false
  return true
}
