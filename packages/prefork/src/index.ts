/**
 * Process models: one server as threads, processes, prefork or one loop.
 *
 * ```ts
 * import { json } from '@hawser/codec-json'
 * import { serve, shutDownOn } from '@hawser/prefork'
 * import { createServer, type Server } from '@hawser/server'
 * import { tcp } from '@hawser/transport-tcp'
 *
 * // server.ts: a module whose default export makes a server
 * export default (): Server => {
 *   const server = createServer({ transports: [tcp()], codecs: [json()] })
 *   server.rpc('/pid', () => process.pid)
 *   return server
 * }
 *
 * // main.ts: the program that runs it
 * export async function main(): Promise<void> {
 *   const running = await serve(new URL('./server.js', import.meta.url), {
 *     model: 'prefork-async',
 *     listen: 'tcp://127.0.0.1:8080',
 *     workers: 4,
 *   })
 *   shutDownOn(['SIGTERM', 'SIGINT'], running)
 * }
 * ```
 *
 * @module
 */
export type { Channel } from './channel.js'
export type { ChildInfo } from './child.js'
export { type LoopWatch, type LoopWatchOptions, type ThreadUse, watchLoop } from './loop-watch.js'
export type { MakeServer, ServerContext, ServerModule } from './module.js'
export { type Model, models, type ServeOptions } from './options.js'
export type { Running } from './running.js'
export { serve } from './serve.js'
export { type ShutsDown, shutDownOn } from './shut-down.js'
