/**
 * Connections over worker.
 *
 * ```ts
 * import { worker } from '@hawser/transport-worker'
 *
 * const transport = worker() // give it to a server or a client: { transports: [transport] }
 * console.info(transport.features)
 * ```
 *
 * @module
 */
export { type WorkerOptions, worker } from './transport.js'
