import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Cancel } from '@hawser/contract'
import type { WsAddress } from './address.js'
import type { WsEvent } from './event.js'

/** Where the upgrade requests of a listener come from: a port of its own, or an HTTP server that others use, too. */
export interface Front {
  /** Starts, and tells the address with its real port. */
  open(cancel: Cancel): Promise<WsAddress>
  /** The socket of a request has become a WebSocket. */
  upgraded(socket: Socket): void
  /** Takes no more. */
  close(): void
}

/** What a front reports to. */
export interface FrontOwner {
  /** A request for an upgrade, on a socket that has its place among those of its peer. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Takes a place, or tells why there is none. */
  enter(host: string): WsEvent | undefined
  leave(host: string): void
  /** A handshake begins, or is over in one way or the other. */
  begin(one: object): void
  finish(one: object): void
  refused(event: WsEvent, error?: unknown): void
}
