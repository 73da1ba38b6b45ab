/**
 * Connections between threads over `MessagePort`: the worker threads of Node.js, and the workers of browsers.
 *
 * ```ts
 * import { isMainThread, Worker } from 'node:worker_threads'
 * import { worker } from '@hawser/transport-worker'
 *
 * if (isMainThread) {
 *   const tasks = new Worker(new URL(import.meta.url))
 *   const transport = worker({ workers: { tasks } })
 *   const connection = await transport.dial('worker://tasks')
 *   const echoed = new Promise<Uint8Array>((resolve) => connection.start(resolve))
 *   connection.send(Uint8Array.of(1, 2, 3))
 *   console.info(await echoed)
 *   await connection.close()
 *   await tasks.terminate()
 * } else {
 *   await worker().listen('worker://parent', (connection) => {
 *     connection.start((bytes) => connection.send(bytes))
 *   })
 * }
 * ```
 *
 * @module
 */
export type { WorkerEvent } from './listener.js'
export type { PortLike } from './port.js'
export { type WorkerOptions, type WorkerTransport, worker } from './worker.js'
