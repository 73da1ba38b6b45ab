import type { Cancel, Clock } from '@hawser/contract'

/** Waits. Rejects with the signal's reason. */
export function pause(clock: Clock, milliseconds: number, { signal }: Cancel = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = () => {
      clock.clear(timer)
      reject(signal?.reason)
    }
    const timer = clock.timer(milliseconds, () => {
      signal?.removeEventListener('abort', aborted)
      resolve()
    })
    if (signal?.aborted) aborted()
    else signal?.addEventListener('abort', aborted, { once: true })
  })
}
