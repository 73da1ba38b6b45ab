import type { VirtualClock } from '@hawser/contract'

const rounds = 2

/**
 * Lets everything happen that needs no time to pass. The clock alone waits for short chains of promises only; a turn of the
 * real event loop waits for all of them, however long the stream that somebody reads.
 */
export async function quiet(clock: VirtualClock): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await clock.settle()
    await new Promise((resolve) => setImmediate(resolve))
  }
}
