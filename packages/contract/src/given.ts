// By the registry, so that it is understood across duplicate installs.
const mark: unique symbol = Symbol.for('hawser.given') as never

/**
 * Gives bytes away for good, with all the memory behind them: a transport between threads then moves it instead of copying it,
 * which leaves the array empty. Only arrays that are all of their memory are moved; other transports make no difference.
 * A call whose bytes were moved is not sent again, whatever becomes of it.
 */
export function give<T extends Uint8Array>(bytes: T): T {
  if (bytes.length > 0) Object.defineProperty(bytes, mark, { value: true })
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
