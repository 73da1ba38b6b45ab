import { connect } from 'node:net'
import type { Cancel, Clock, Connection } from '@hawser/contract'
import { codeOf, establish, type Surroundings } from '@hawser/transport-socket'
import { formatAddress, type IpcAddress } from './address.js'
import { pause } from './pause.js'
import { peerAt } from './peer.js'

/** What a dialer needs to know. */
export interface DialOptions extends Surroundings {
  readonly connectTimeoutMs: number
}

const firstWaitMs = 2
const longestWaitMs = 100

/**
 * Makes a connection, or fails and leaves nothing behind. While the listener has no room for more that wait (EAGAIN) it is
 * tried again, at random distances, for as long as the connection may take.
 */
export async function dial(
  target: IpcAddress,
  options: DialOptions,
  { signal }: Cancel = {},
): Promise<Connection> {
  const { clock, connectTimeoutMs } = options
  const { path } = target
  const attempt = { address: formatAddress(target), peer: () => peerAt(target) }
  const until = clock.now() + connectTimeoutMs
  for (let tries = 0; ; tries++) {
    signal?.throwIfAborted()
    const phases = [{ event: 'connect', name: 'connection', milliseconds: until - clock.now() }] as const
    try {
      return await establish(connect({ path }), { ...attempt, phases }, options, { signal })
    } catch (error) {
      const wait = waitAfter(tries, clock)
      if (!isFull(error) || clock.now() + wait >= until) throw error
      await pause(clock, wait, { signal })
    }
  }
}

function waitAfter(tries: number, clock: Clock): number {
  return Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(tries, 10)) * clock.random()
}

function isFull(error: unknown): boolean {
  return error instanceof Error && codeOf(error.cause) === 'EAGAIN'
}
