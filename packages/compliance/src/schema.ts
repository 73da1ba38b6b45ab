/**
 * What every codec has to do that can hold to a schema. Such a codec is done when this passes in its own package.
 *
 * ```ts
 * import { msgpack } from '@hawser/codec-msgpack'
 * import { schemaSuite } from '@hawser/compliance/schema'
 * import t from 'tap'
 *
 * schemaSuite({
 *   test: t,
 *   create: (limits) => msgpack({ limits }),
 *   supports: {
 *     nesting: true,
 *     keys: 'any',
 *     emptyContainers: true,
 *     required: true,
 *     fields: 'id',
 *     whole: true,
 *     nonFinite: true,
 *     negativeZero: true,
 *   },
 * })
 * ```
 *
 * @module
 */
import { testBytes } from './schema-bytes.js'
import { testEvolution } from './schema-evolution.js'
import { testHostility } from './schema-hostility.js'
import { testLimits } from './schema-limits.js'
import { testRefusals } from './schema-refusals.js'
import { testRoundTrips } from './schema-round-trips.js'
import type { SchemaSuite } from './schema-subject.js'

export { arbitraryType, arbitraryTyped, arbitraryValue, type Typed } from './schema-arbitrary.js'
export type { SchemaSuite, SchemaSupports } from './schema-subject.js'
export { readOf, sameTyped } from './schema-values.js'

/** Registers the tests. */
export function schemaSuite(suite: SchemaSuite): void {
  testRoundTrips(suite)
  testBytes(suite)
  testRefusals(suite)
  testLimits(suite)
  testHostility(suite)
  testEvolution(suite)
}
