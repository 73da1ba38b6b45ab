import { defaultLimits, type VirtualClock, virtualClock } from '@hawser/contract'
import type { Resolver, Watch } from '../../src/resolver.js'

/** What a resolver has told, with the time. */
export interface Listing {
  readonly clock: VirtualClock
  readonly watch: Watch
  readonly told: { readonly at: number; readonly what: readonly string[] | string }[]
}

/** Watches a resolver in virtual time, without jitter. */
export function listing(resolver: Resolver): Listing {
  const clock = Object.assign(virtualClock(), { random: () => 0.5 })
  const told: { at: number; what: readonly string[] | string }[] = []
  const watch = resolver.watch({
    clock,
    limits: defaultLimits,
    resolved: (addresses) => void told.push({ at: clock.now(), what: addresses }),
    failed: (error) => void told.push({ at: clock.now(), what: String((error as Error).message) }),
  })
  return { clock, watch, told }
}
