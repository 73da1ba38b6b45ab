// By the registry, so that it is understood across duplicate installs.
const mark: unique symbol = Symbol.for('hawser.given') as never

/**
 * Gives bytes away for good, with all the memory behind them: a transport between threads then moves it instead of copying it,
 * which leaves the array empty. Only arrays that are all of their memory are moved; other transports make no difference.
 * A call whose bytes were moved is not sent again, whatever becomes of it.
 */
export function give<T extends Uint8Array>(bytes: T): T {
  if (bytes.length > 0 && !isGiven(bytes))
    Object.defineProperty(bytes, mark, { value: false, writable: true })
  return bytes
}

/**
 * For whoever hands large bytes to a connection: the bytes themselves the first time; a copy from then on, since given bytes may
 * be moved at any moment after that, also while they wait to be sent.
 */
export function handOver(bytes: Uint8Array): Uint8Array {
  if (!isGiven(bytes)) return bytes
  const marked = bytes as Uint8Array & { [mark]: boolean }
  if (marked[mark]) return give(new Uint8Array(bytes))
  marked[mark] = true
  return bytes
}

/** May the memory be moved? */
export function isGiven(bytes: Uint8Array): boolean {
  return mark in bytes
}

/** Was it moved? Then there is nothing left to send. */
export function isSpent(bytes: Uint8Array): boolean {
  return bytes.length === 0 && mark in bytes
}
