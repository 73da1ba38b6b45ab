import type { Clock, RpcError } from '@hawser/contract'
import { jittered } from '@hawser/wire'
import type { ClientLimits } from './limits.js'

/** When the next connection may be made. */
export interface Waits {
  /** A connection was made. */
  ready(): void
  /** It takes no more calls; or none could be made. */
  ended(reason: RpcError | undefined): void
  /** Milliseconds before a connection is made without being asked for. */
  ms(): number
  /** Before one is made that a call asks for. */
  demandMs(): number
  /** Why it makes no sense to wait: what the last connection ended for will not be otherwise with the next. */
  refusal(): RpcError | undefined
}

/** Longer and longer waits after connections that could not be made, or did not last. */
export function waits(clock: Clock, limits: ClientLimits): Waits {
  const { reconnectMs, reconnectMaxMs, reconnectResetMs, backoffFactor, backoffJitter } = limits
  let readyAt = Infinity
  let failures = 0
  let lastMs = 0
  let until = 0
  let refusal: RpcError | undefined
  const ms = () => Math.max(0, until - clock.now())
  // Once is no habit: a server that restarts does that, and is there already.
  const demandMs = () => (failures < 2 ? 0 : ms())
  return {
    ready() {
      readyAt = clock.now()
    },
    ended(reason) {
      const now = clock.now()
      const refused = reason?.retryable === false
      // A connection that was worth its wait begins them anew; and who is refused after having been let in, say with a new
      // credential, has not been refused again and again.
      const enoughMs = Math.min(reconnectResetMs, Math.max(reconnectMs, 2 * lastMs))
      if (now - readyAt >= enoughMs || (refused && !refusal)) failures = 0
      readyAt = Infinity
      refusal = refused ? reason.with({ executed: 'no', retryable: false }) : undefined
      // Those who lost the same server come back spread out.
      lastMs =
        failures++ === 0
          ? clock.random() * reconnectMs
          : jittered(
              Math.min(reconnectMaxMs, reconnectMs * backoffFactor ** (failures - 2)),
              backoffJitter,
              clock,
            )
      until = now + lastMs
    },
    ms,
    demandMs,
    refusal: () => (demandMs() > 0 ? refusal : undefined),
  }
}
