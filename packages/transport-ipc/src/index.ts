/**
 * Connections over ipc.
 *
 * ```ts
 * import { ipc } from '@hawser/transport-ipc'
 *
 * const transport = ipc() // give it to a server or a client: { transports: [transport] }
 * console.info(transport.features)
 * ```
 *
 * @module
 */
export { type IpcOptions, ipc } from './transport.js'
