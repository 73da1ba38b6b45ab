/** Pieces of bytes as one. A piece that is alone in not being empty is returned as it is. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first, ...others] = pieces.filter(({ length }) => length > 0)
  if (!first || others.length === 0) return first ?? new Uint8Array(0)
  const bytes = new Uint8Array(others.reduce((sum, { length }) => sum + length, first.length))
  bytes.set(first)
  let at = first.length
  for (const piece of others) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}
