/**
 * What every codec for values without a schema has to do. A codec is done when this passes in its own package.
 *
 * ```ts
 * import { msgpack } from '@hawser/codec-msgpack'
 * import { codecSuite } from '@hawser/compliance/codec'
 * import t from 'tap'
 *
 * codecSuite({
 *   test: t,
 *   create: (limits) => msgpack({ limits }),
 *   supports: { bytes: 'bytes', bigint: true, date: true, nonFinite: true, negativeZero: true },
 * })
 * ```
 *
 * @module
 */
import { testBytes } from './codec-bytes.js'
import { testHostility } from './codec-hostility.js'
import { testLimits } from './codec-limits.js'
import { testRefusals } from './codec-refusals.js'
import { testRoundTrips } from './codec-round-trips.js'
import type { CodecSuite } from './codec-subject.js'

export type { CodecSuite, CodecSupports } from './codec-subject.js'
export { sameValue, sampleValues } from './codec-values.js'
export { type CodecVectors, codecVectors } from './codec-vectors.js'

/** Registers the tests. */
export function codecSuite(suite: CodecSuite): void {
  testRoundTrips(suite)
  testBytes(suite)
  testRefusals(suite)
  testLimits(suite)
  testHostility(suite)
}
