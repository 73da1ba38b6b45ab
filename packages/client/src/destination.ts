import { type EjectOptions, type EjectSettings, ejectSettings } from './outlier.js'
import { p2c } from './p2c.js'
import type { Pick } from './picker.js'
import { type Lookup, polled } from './polled.js'
import { fixed, type Resolver } from './resolver.js'

/** Several addresses of one service, and how one is picked for each call. Made by {@link endpoints}. */
export interface Endpoints {
  readonly resolve: Resolver
  readonly pick: Pick
  /** Undefined: nothing is ejected. */
  readonly eject: EjectSettings | undefined
  readonly latencyDecayMs: number
}

/** Where calls go: one address, a list of them, or what {@link endpoints} describes. */
export type Destination = string | readonly string[] | Endpoints

/** What {@link endpoints} is made of. */
export interface EndpointsOptions {
  /** A list, a function that is asked for one every 30 s, or a resolver: `fixed`, `polled`, `pushed`, `dns`. */
  readonly resolve: readonly string[] | Lookup | Resolver
  /** Default: `p2c()`. */
  readonly pick?: Pick | undefined
  /** When an address that fails is given no calls for a while; false: never. */
  readonly eject?: EjectOptions | false | undefined
  /** Milliseconds in which two thirds of a peak of latency are forgotten. Default 5,000. */
  readonly latencyDecayMs?: number | undefined
}

/**
 * Several addresses of one service. It is a description: it does nothing, and may be given to several clients.
 * @throws TypeError for a list without addresses, and for numbers that make no sense
 */
export function endpoints(options: EndpointsOptions): Endpoints {
  const { resolve, pick = p2c(), eject = {}, latencyDecayMs = 5_000 } = options
  if (!(latencyDecayMs > 0))
    throw new TypeError(`latencyDecayMs must be a number above 0, not ${latencyDecayMs}`)
  return Object.freeze({
    resolve: resolverOf(resolve),
    pick,
    eject: eject === false ? undefined : ejectSettings(eject),
    latencyDecayMs,
  })
}

/**
 * What {@link endpoints} has made.
 * @throws TypeError for anything else: an address that was not configured, most likely
 */
export function described(to: Endpoints): Endpoints {
  const { resolve } = (to ?? {}) as Partial<Endpoints>
  if (typeof resolve?.watch === 'function') return to
  throw new TypeError(`An address, a list of them, or what endpoints() makes is needed, not ${String(to)}`)
}

function resolverOf(resolve: EndpointsOptions['resolve']): Resolver {
  if (typeof resolve === 'function') return polled(resolve)
  if ('watch' in resolve) return resolve
  if (resolve.length === 0) throw new TypeError('A list of addresses needs at least one')
  return fixed(resolve)
}
