import type { Socket } from 'node:net'
import type { Clock } from '@hawser/contract'

const handshake = 0x16
const major = 3
const newestMinor = 4
const clientHello = 1
const helloAt = 5

/**
 * Do these bytes begin a TLS connection? Undefined: they may. More than the first byte is looked at, because other protocols
 * begin with any number.
 */
export function beginsTls(head: Uint8Array): boolean | undefined {
  for (let at = 0; at < head.length && at <= helloAt; at++) {
    const byte = head[at]!
    if (at === 0 && byte !== handshake) return false
    if (at === 1 && byte !== major) return false
    if (at === 2 && byte > newestMinor) return false
    if (at === helloAt && byte !== clientHello) return false
  }
  return head.length > helloAt ? true : undefined
}

/** What becomes of a socket that may be encrypted. One of the methods is called, or the socket closes. */
export interface Peeker {
  readonly clock: Clock
  readonly milliseconds: number
  /**
   * It is paused, and as it came: nothing has been read from it.
   * @param head what is known of it
   */
  found(encrypted: boolean, head: Uint8Array): void
  /** It has said too little in its time. */
  late(): void
}

/** Finds out whether a socket begins with TLS. */
export function peek(socket: Socket, { clock, milliseconds, found, late }: Peeker): void {
  let head: Uint8Array | undefined
  const stop = () => {
    clock.clear(timer)
    socket.off('data', look)
    socket.off('close', stop)
    socket.pause()
  }
  const look = (bytes: Uint8Array) => {
    head = head ? Buffer.concat([head, bytes]) : bytes
    const encrypted = beginsTls(head)
    if (encrypted === undefined) return
    stop()
    socket.unshift(head)
    found(encrypted, head)
  }
  const timer = clock.timer(milliseconds, () => {
    stop()
    late()
  })
  socket.on('data', look)
  socket.on('close', stop)
  // It may have come paused from wherever it was accepted.
  socket.resume()
}
