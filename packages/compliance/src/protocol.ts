/**
 * What every protocol has to do. A protocol is done when this passes in its own package.
 *
 * ```ts
 * import { protocolSuite } from '@hawser/compliance/protocol'
 * import { native } from '@hawser/wire'
 * import t from 'tap'
 *
 * protocolSuite({
 *   test: t,
 *   create: () => native(),
 *   supports: {
 *     kinds: ['unary', 'client-stream', 'server-stream', 'duplex', 'oneway'],
 *     boundaries: 'both',
 *     multiplexes: true,
 *     symmetric: true,
 *     notifications: true,
 *     headers: true,
 *     cancels: true,
 *     deadlines: true,
 *     errorFacts: true,
 *     backpressure: true,
 *     drains: true,
 *   },
 * })
 * ```
 *
 * @module
 */
import { testCalls } from './protocol-calls.js'
import { testEnding } from './protocol-ending.js'
import { testHostility } from './protocol-hostility.js'
import { testStreams } from './protocol-streams.js'
import type { ProtocolSuite } from './protocol-world.js'

export type { ProtocolSuite, ProtocolSupports } from './protocol-world.js'

/** Registers the tests. All of them run in virtual time, over connections of their own. */
export function protocolSuite(suite: ProtocolSuite): void {
  testCalls(suite)
  testStreams(suite)
  testEnding(suite)
  testHostility(suite)
}
