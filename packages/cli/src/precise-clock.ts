import { type Clock, systemClock } from '@hawser/contract'

// Timers of the system come up to a millisecond late, which would be most of what is measured.
const coarseMs = 2

/** The system's clock with timers that are on time, at the price of a processor that is kept busy before each. */
export function preciseClock(): Clock {
  const clock = systemClock()
  const timer = (milliseconds: number, callback: () => void): Handle => {
    const at = clock.now() + milliseconds
    const handle: Handle = { cleared: false, inner: undefined }
    const turn = () => {
      if (handle.cleared) return
      if (clock.now() >= at) callback()
      else clock.soon(turn)
    }
    if (milliseconds > coarseMs) handle.inner = clock.timer(milliseconds - coarseMs, turn)
    else clock.soon(turn)
    return handle
  }
  const clear = (handle: unknown) => {
    if (handle === undefined) return
    const precise = handle as Handle
    precise.cleared = true
    clock.clear(precise.inner)
  }
  return { ...clock, timer, clear }
}

interface Handle {
  cleared: boolean
  inner: unknown
}
