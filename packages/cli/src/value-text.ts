// What would command a terminal, or turn the direction of what follows.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is shown by number
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** A text of somebody else's, with what a terminal would not show as it is by its number. */
export function shown(text: string): string {
  return text.replace(unsafe, numbered)
}

/**
 * A value as JSON text. What JSON has no form for is text: bytes in base64, whole numbers past 2^53 and those that are none
 * by their name, times in ISO 8601. No value at all is `null`.
 * @param indent spaces for each level; 0 for one line
 */
export function valueText(value: unknown, indent = 0): string {
  const text = JSON.stringify(value, replace, indent) ?? 'null'
  // Line ends are its own.
  return text.replace(unsafe, (character) => (character === '\n' ? character : numbered(character)))
}

function numbered(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function replace(this: unknown, key: string, value: unknown): unknown {
  const own = (this as Record<string, unknown>)[key]
  if (own instanceof Uint8Array)
    return Buffer.from(own.buffer, own.byteOffset, own.byteLength).toString('base64')
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return value
}
