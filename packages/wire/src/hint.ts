const openings: readonly (readonly [opening: readonly number[], speaker: string])[] = [
  [[0x47, 0x45, 0x54, 0x20], 'HTTP'],
  [[0x50, 0x4f, 0x53, 0x54], 'HTTP'],
  [[0x50, 0x55, 0x54, 0x20], 'HTTP'],
  [[0x48, 0x45, 0x41, 0x44], 'HTTP'],
  [[0x48, 0x54, 0x54, 0x50], 'HTTP'],
  [[0x50, 0x52, 0x49, 0x20], 'HTTP/2'],
  [[0x16, 0x03], 'TLS'],
]

/**
 * What a line of the log says of bytes that are not ours: what they look like, or their first bytes in hex.
 * @param most bytes shown
 */
export function hint(bytes: Uint8Array, most: number): string {
  for (const [opening, speaker] of openings)
    if (opening.every((byte, index) => bytes[index] === byte)) return `: the peer speaks ${speaker}`
  const shown = bytes.subarray(0, most)
  if (shown.length === 0) return ''
  return `: it began with ${Array.from(shown, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
