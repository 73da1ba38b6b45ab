/**
 * What every transport has to do. A transport is done when this passes in its own package.
 *
 * ```ts
 * import { transportSuite } from '@hawser/compliance/transport'
 * import { memory } from '@hawser/transport-memory'
 * import t from 'tap'
 *
 * let count = 0
 * transportSuite({
 *   test: t,
 *   create: async () => ({ transport: memory(), address: `memory://suite-${count++}` }),
 *   supports: { freeAddress: false },
 * })
 * ```
 *
 * @module
 */
import type { Test } from 'tap'
import { testBackpressure } from './transport-backpressure.js'
import { testDelivery } from './transport-delivery.js'
import { testEnding } from './transport-ending.js'
import { testListening } from './transport-listening.js'
import type { TransportSubject } from './transport-pair.js'

export type { TransportSubject } from './transport-pair.js'

/** What a transport can do beyond its features. Tests are skipped by these and by the features, and by nothing else. */
export interface TransportSupports {
  /** `create` gives an address that leaves a part to the system, as port 0; the listener's address has to tell it. */
  readonly freeAddress: boolean
}

/** What {@link transportSuite} needs. */
export interface TransportSuite {
  /** Where the tests go: the `t` of tap, or a subtest. */
  readonly test: Pick<Test, 'test'>
  /** A transport, and an address that nobody listens on. */
  readonly create: () => Promise<TransportSubject>
  readonly supports: TransportSupports
}

/** Registers the tests. */
export function transportSuite(suite: TransportSuite): void {
  testDelivery(suite)
  testBackpressure(suite)
  testEnding(suite)
  testListening(suite)
}
