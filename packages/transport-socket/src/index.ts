/**
 * What transports over the sockets of Node.js are built with.
 *
 * ```ts
 * import { connect } from 'node:net'
 * import { type Connection, defaultLimits, systemClock } from '@hawser/contract'
 * import { establish } from '@hawser/transport-socket'
 *
 * // the dialling half of a transport
 * export function dial(port: number): Promise<Connection> {
 *   const address = `plain://localhost:${port}`
 *   const around = { clock: systemClock(), limits: defaultLimits }
 *   const phases = [{ event: 'connect', name: 'connection', milliseconds: 5_000 }] as const
 *   return establish(connect(port), { address, phases, peer: () => ({ address }) }, around)
 * }
 * ```
 *
 * @module
 */
export { Admission, type Caps, capsFor, type Refusal } from './admission.js'
export { type Attempt, discard, establish, type Phase } from './dial.js'
export { connectionOver, type SocketOwner, type Surroundings } from './driver.js'
export { codeOf, dialFailure, dialTimeout, listenFailure } from './failure.js'
export { Reception, type ReceptionOptions } from './reception.js'
export { clientTls, type Pem, serverTls, type TlsClientOptions, type TlsServerOptions } from './tls.js'
