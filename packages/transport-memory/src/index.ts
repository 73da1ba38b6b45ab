/**
 * Connections inside one process: for tests, for a server and a client that share it, and as a simulator of bad networks.
 *
 * ```ts
 * import { memory } from '@hawser/transport-memory'
 *
 * const transport = memory() // give the same value to the server and to the client
 * await using listener = await transport.listen('memory://demo', (connection) => {
 *   connection.start((bytes) => connection.send(bytes))
 * })
 * await using connection = await transport.dial(listener.address)
 * const echoed = new Promise<Uint8Array>((resolve) => connection.start(resolve))
 * connection.send(Uint8Array.of(1, 2, 3))
 * console.info(await echoed)
 * ```
 *
 * @module
 */
export { memory } from './memory.js'
export { type MemoryNetwork, memoryNetwork } from './network.js'
export type { Fault } from './simulated-link.js'
export { type ConnectionFaults, type SimulatorOptions, simulator } from './simulator.js'
export type { MemoryOptions } from './transport.js'
