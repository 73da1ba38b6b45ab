import type { Socket } from 'node:net'
import type { Cancel, Connection, PeerInfo } from '@hawser/contract'
import { connectionOver, type Surroundings } from './driver.js'
import { dialFailure, dialTimeout } from './failure.js'

/** A step on the way to a connection: what the socket emits at its end, and how long it may take. */
export interface Phase {
  readonly event: 'connect' | 'secureConnect'
  /** For the message when it takes too long. */
  readonly name: string
  readonly milliseconds: number
}

/** How a socket that was just opened becomes a connection. */
export interface Attempt {
  readonly address: string
  readonly phases: readonly Phase[]
  /** Who is at the other end, asked when the last phase is over; undefined when it has gone already. */
  readonly peer: () => PeerInfo | undefined
}

/**
 * Waits for a connecting socket, or fails and leaves nothing of it behind.
 * @throws RpcError `unavailable` / `unreachable`, executed: no; what the signal says
 */
export function establish(
  socket: Socket,
  { address, phases, peer }: Attempt,
  around: Surroundings,
  { signal }: Cancel = {},
): Promise<Connection> {
  const { clock } = around
  return new Promise((resolve, reject) => {
    let timer: unknown
    let index = 0

    function begin(): void {
      const phase = phases[index]
      if (!phase) {
        done()
        return
      }
      const { event, name, milliseconds } = phase
      timer = clock.timer(milliseconds, () => fail(dialTimeout(address, name, milliseconds)))
      socket.once(event, next)
    }
    function next(): void {
      clock.clear(timer)
      index++
      begin()
    }
    function settle(): void {
      clock.clear(timer)
      signal?.removeEventListener('abort', aborted)
      for (const { event } of phases) socket.off(event, next)
      socket.off('error', failed)
      socket.off('close', closed)
    }
    function fail(error: unknown): void {
      settle()
      discard(socket)
      reject(error)
    }
    // In the same turn as the last event, so that nothing the socket emits is missed.
    function done(): void {
      const far = peer()
      if (!far) {
        closed()
        return
      }
      settle()
      resolve(connectionOver(socket, far, around))
    }
    const failed = (cause: unknown) => fail(dialFailure(address, cause))
    const aborted = () => fail(signal?.reason)
    const closed = () => failed(new Error('the connection was closed'))

    signal?.addEventListener('abort', aborted, { once: true })
    socket.on('error', failed)
    socket.on('close', closed)
    begin()
  })
}

const ignore = () => {}

/** Takes a socket down; what it still says meanwhile concerns nobody. */
export function discard(socket: Socket): void {
  socket.on('error', ignore)
  socket.destroy()
}
