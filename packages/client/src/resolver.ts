import type { Clock, Limits } from '@hawser/contract'

/** What a resolver tells, and what it may use. */
export interface ResolverHost {
  readonly clock: Clock
  readonly limits: Limits
  /** The whole list as it is now. An empty one counts as a failure: the last one known is kept. */
  resolved(addresses: readonly string[]): void
  /** It could not be found out. */
  failed(error: unknown): void
}

/** A list being watched. */
export interface Watch {
  /** The list may have changed: something in it could not be reached. */
  refresh(): void
  close(): void
}

/** Knows where a service is. It is a description; the first call begins to watch it. */
export interface Resolver {
  /** Tells the host of the list now or later, and of each change, until it is closed. Never throws. */
  watch(host: ResolverHost): Watch
}

/** A list that does not change. */
export function fixed(addresses: readonly string[]): Resolver {
  const list = [...addresses]
  return {
    watch(host) {
      host.resolved(list)
      return { refresh() {}, close() {} }
    },
  }
}
