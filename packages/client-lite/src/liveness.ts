import type { Clock, Reason, RpcError } from '@hawser/contract'
import { unavailable } from './fault.js'
import type { ClientLimits } from './limits.js'

/** What is watched. */
export interface LivenessSubject {
  /** Does this side hold the two up? Then a silence says nothing. */
  busy(): boolean
  /** Is an answer outstanding? */
  awaits(): boolean
  ping(): void
  /** Drop the connection. */
  dead(reason: RpcError): void
}

/** One connection being watched. */
export interface Liveness {
  /**
   * Bytes came, and were read.
   * @param partial bytes of a frame not yet complete
   * @param frames came before it, so that one is not taken for the next
   */
  heard(partial: number, frames: number): void
  /** The handshake is done. */
  handshaken(): void
  close(): void
}

/**
 * Watches one connection with one timer: that the handshake is done in time, that frames once begun go on, and that the other
 * side still answers. Looks when something can be due, at least every keep-alive timeout.
 */
export function liveness(clock: Clock, limits: ClientLimits, subject: LivenessSubject): Liveness {
  const { keepAliveMs, keepAliveTimeoutMs, keepAliveFloorMs, frameProgressMs, frameProgressRate } = limits
  let heard = 0
  let pinged: number | undefined
  let frame = -1
  let frameSince = 0
  let frameDue = Infinity

  const dead = (reason: Reason, message: string, retryable: boolean) =>
    subject.dead(unavailable(reason, message, 'maybe', retryable))

  // When the other side's silence calls for a ping, or is its end. With an answer outstanding, that is sooner.
  const due = () =>
    pinged === undefined
      ? heard +
        Math.max(keepAliveFloorMs, Math.min(keepAliveMs, subject.awaits() ? keepAliveTimeoutMs : Infinity))
      : pinged + keepAliveTimeoutMs

  const watch = (now: number) => {
    const next = Math.min(now + keepAliveTimeoutMs, due(), frameDue + 1)
    timer = clock.timer(Math.max(1, next - now), look)
  }

  const look = () => {
    const now = clock.now()
    if (subject.busy()) {
      heard = now
      pinged = undefined
      frameDue += keepAliveTimeoutMs
    } else if (now > frameDue) return dead('bad_frame', 'A frame took too long', false)
    else if (now >= due()) {
      if (pinged !== undefined) return dead('silent', 'The other side is silent', true)
      pinged = now
      subject.ping()
    }
    watch(now)
  }

  let timer = clock.timer(limits.handshakeMs, () =>
    dead('handshake_timeout', 'The handshake took too long', false),
  )

  return {
    heard(partial, frames) {
      heard = clock.now()
      pinged = undefined
      if (frames !== frame) frameSince = heard
      frame = partial ? frames : -1
      frameDue = partial ? frameSince + frameProgressMs + (partial / frameProgressRate) * 1_000 : Infinity
    },
    handshaken() {
      clock.clear(timer)
      heard = clock.now()
      watch(heard)
    },
    close: () => clock.clear(timer),
  }
}
