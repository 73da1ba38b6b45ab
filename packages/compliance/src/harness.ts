/**
 * What the tests of every package share: a check that each test cleans up, heap measurements, a proxy that disturbs, and
 * certificates.
 *
 * ```ts
 * import { chaosProxy, harness, heapGrowth } from '@hawser/compliance/harness'
 * import t from 'tap'
 *
 * harness(t)
 *
 * t.test('a cut connection is noticed', async (t) => {
 *   await using proxy = await chaosProxy({ port: 57_000, disturb: { toClient: { cutAt: 100, cut: 'rst' } } })
 *   t.ok(proxy.port)
 * })
 * t.test('nothing is kept', async (t) => {
 *   t.ok((await heapGrowth(async () => {})) < 100_000)
 * })
 * ```
 *
 * @module
 */
export { type TestCertificate, type TestCertificateOptions, testAuthority } from './harness-certificates.js'
export { type HeapGrowthOptions, heapGrowth, heapUsed } from './harness-heap.js'
export { type HarnessOptions, harness } from './harness-hygiene.js'
export {
  ChaosProxy,
  type ChaosProxyOptions,
  chaosProxy,
  type Disturbance,
  type Disturbances,
} from './harness-proxy.js'
