/**
 * A destination that fails again and again is left alone for a while.
 *
 * ```ts
 * import { circuitBreaker } from '@hawser/middleware/circuit-breaker'
 *
 * export const middleware = [circuitBreaker({ failureShare: 0.5, openMs: 5_000 })]
 * ```
 *
 * @module
 */
export type { CircuitState } from './circuit.js'
export { type CircuitBreakerOptions, circuitBreaker } from './circuit-breaker.js'
