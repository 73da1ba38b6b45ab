import type { PortLike } from './port.js'

// What is posted on a port of its own, once there is one:
//
//   'open' | 'refuse'          the accepting side, first
//   ArrayBuffer                one message
//   [ArrayBuffer, ...number]   several, one behind the other, by their sizes
//   number                     so many bytes more may be sent
//   'end'                      no more comes; then the other side ends, too
//   'abort'                    the connection is over
//
// On the user's own port there is only the request for a connection, in a shape that other messages will not have.

/** Asks for a connection over the port it carries. */
export interface Request {
  readonly hawser: 'worker/1'
  /** Taken away by whoever answers, since all listeners of a port see the same message. */
  port: PortLike | undefined
}

export function requestOver(port: PortLike): Request {
  return { hawser: 'worker/1', port }
}

/** Tells a request from messages that are not for this transport. */
export function isRequest(value: unknown): value is Request {
  if (typeof value !== 'object' || value === null) return false
  const { hawser, port } = value as Partial<Request>
  return hawser === 'worker/1' && typeof port?.postMessage === 'function'
}

/** The messages in what was posted, as views of one buffer; undefined for something else. */
export function readPieces(value: unknown): readonly Uint8Array[] | undefined {
  if (isBuffer(value)) return value.byteLength > 0 ? [new Uint8Array(value)] : undefined
  if (!Array.isArray(value)) return undefined
  const [buffer, ...sizes] = value as readonly unknown[]
  if (!isBuffer(buffer)) return undefined
  const pieces: Uint8Array[] = []
  let at = 0
  for (const size of sizes) {
    if (!isCount(size) || size > buffer.byteLength - at) return undefined
    pieces.push(new Uint8Array(buffer, at, size))
    at += size
  }
  return at > 0 && at === buffer.byteLength ? pieces : undefined
}

/** Is it a number of bytes, at least one? */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0
}

// By its brand, since the buffer may be of another realm, and memory that the other side still writes to has another one.
function isBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]'
}
