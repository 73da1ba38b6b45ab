import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Clock, type Connection, defaultLimits, type Limits, systemClock } from '@hawser/contract'
import { type WebSocket, WebSocketServer } from 'ws'
import { connectionOver } from './driver.js'
import { choose, offeredBy, pathOf, refuse } from './handshake.js'
import { addressOf, SocketPeer, tlsOf } from './peer.js'
import { receiving } from './receiving.js'
import { defaultSubprotocols } from './subprotocol.js'

/** How {@link wsUpgrade} can be told to be. */
export interface WsUpgradeOptions {
  readonly limits?: Limits | undefined
  readonly clock?: Clock | undefined
  /** Requests that offer one of these are taken, with the first that is offered. Default `['hawser.1']`. */
  readonly subprotocols?: readonly string[] | undefined
  /** Take requests for this path only. Default: any. */
  readonly path?: string | undefined
  /** Agree on permessage-deflate. Default false. */
  readonly compression?: boolean | undefined
  /** Send small writes at once. Default true. */
  readonly noDelay?: boolean | undefined
}

/**
 * Makes a connection of an upgrade request, and answers it; undefined for one that is not for it, which is left alone.
 * @param over what the request came by, where that is known: its peer is the connection's
 */
export type WsAccept = (
  request: IncomingMessage,
  socket: Duplex,
  head: Uint8Array,
  over?: Pick<Connection, 'peer'>,
) => Connection | undefined

/**
 * WebSockets at the port of somebody who answers HTTP there already, and who has to have looked at the origin: this does not.
 * @throws TypeError for no sub-protocols, since by them its requests are told from others
 */
export function wsUpgrade(options: WsUpgradeOptions = {}): WsAccept {
  const { limits = defaultLimits, clock = systemClock(), subprotocols = defaultSubprotocols, path } = options
  const { compression = false, noDelay = true } = options
  if (subprotocols.length === 0) throw new TypeError('An upgrade is told from others by its sub-protocols')
  const around = { limits, clock, compression }
  const upgrader = new WebSocketServer({
    ...receiving(limits, compression),
    noServer: true,
    clientTracking: false,
    handleProtocols: (offered) => choose(offered, subprotocols) ?? false,
  })
  upgrader.on('wsClientError', (error, socket) => refuse(socket, { status: 400, text: error.message }))
  return (request, socket, head, over) => {
    if (path !== undefined && pathOf(request) !== path) return undefined
    if (choose(offeredBy(request), subprotocols) === undefined) return undefined
    let made: WebSocket | undefined
    upgrader.handleUpgrade(request, socket, asBuffer(head), (ws) => {
      made = ws
    })
    if (!made) return undefined
    const wire = socket as Socket
    const at = over ? undefined : addressOf(wire)
    const peer = over?.peer ?? (at && new SocketPeer(at, tlsOf(wire)))
    if (!peer) {
      made.on('error', () => {})
      made.terminate()
      return undefined
    }
    wire.setNoDelay?.(noDelay)
    return connectionOver(made, wire, peer, around)
  }
}

// Node's own types ask for a Buffer where any bytes will do.
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
