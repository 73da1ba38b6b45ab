const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** UTF-8 of a text. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/** The text of strict UTF-8; undefined where the bytes are none. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** UTF-8 of as much of a text as fits, cut between characters. */
export function utf8Cut(text: string, most: number): Uint8Array {
  const room = new Uint8Array(Math.min(most, text.length * 3))
  return room.subarray(0, encoder.encodeInto(text, room).written)
}
