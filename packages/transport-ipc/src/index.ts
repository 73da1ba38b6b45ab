/**
 * Connections between the processes of one machine, over Unix domain sockets and the named pipes of Windows.
 *
 * ```ts
 * import { ipc } from '@hawser/transport-ipc'
 *
 * const transport = ipc()
 * await using listener = await transport.listen('ipc://echo.sock', (connection) => {
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
export type { IpcEvent } from './event.js'
export { type IpcOptions, ipc } from './ipc.js'
export type { IpcPeer } from './peer.js'
