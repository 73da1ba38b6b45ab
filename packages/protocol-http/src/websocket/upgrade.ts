import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Connection, Protocol } from '@hawser/contract'
import type { HttpHost } from '../host.js'
import { refuseUpgrade } from '../refusal.js'

/** Something a connection can be upgraded to: bytes for another protocol. */
export interface Upgrade {
  /**
   * Takes a request over, and answers it; undefined for a request that is not for it, which is to be left alone then.
   * @param socket what the request came by, a `Duplex` of Node.js
   */
  readonly accept: (
    request: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
    connection: Connection,
  ) => Connection | undefined
  readonly protocol: Protocol
}

/**
 * Takes a connection over whose request asks for an upgrade. Its origin and its credential have been accepted, its headers are
 * within their limits; method and path are as they came.
 */
export function takeUpgrade(
  _host: HttpHost,
  _request: IncomingMessage,
  socket: Duplex,
  _head: Uint8Array,
): void {
  refuseUpgrade(socket, 501, 'Nothing here can be upgraded to')
}
