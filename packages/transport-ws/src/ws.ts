import type { Server as HttpServer } from 'node:http'
import {
  type Clock,
  defaultLimits,
  type Limits,
  type Log,
  systemClock,
  type Transport,
} from '@hawser/contract'
import { capsFor, type TlsClientOptions, type TlsServerOptions } from '@hawser/transport-socket'
import { parseAddress } from './address.js'
import { type DialOptions, dial } from './dial.js'
import type { WsEvent } from './event.js'
import { WsListener } from './listener.js'
import { originsOf } from './origin.js'
import { OwnPort } from './own-port.js'
import { receiving } from './receiving.js'
import { SharedServer } from './shared-server.js'
import { defaultSubprotocols } from './subprotocol.js'

/** How {@link ws} can be told to be. Sizes are bytes, times milliseconds. */
export interface WsOptions {
  readonly limits?: Limits | undefined
  readonly clock?: Clock | undefined
  /**
   * Pages that may connect, by the origin their browser tells: `['https://example.com']`. Default none, not even those of
   * the same host. Who sends no origin is no page, and not stopped by this.
   */
  readonly origins?: readonly string[] | undefined
  /**
   * A dialer offers them, and the listener has to take one; a listener takes the first of these that is offered, and whoever
   * offers none at all. Default `['hawser.1']`. An empty list offers and asks for nothing.
   */
  readonly subprotocols?: readonly string[] | undefined
  /** Listen on the paths of this server, which is listening already, instead of on a port of the transport's own. */
  readonly server?: HttpServer | undefined
  /** Agree on permessage-deflate. Default false. */
  readonly compression?: boolean | undefined
  /** Sent with the request that a dialer makes. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Send small writes at once. Default true. */
  readonly noDelay?: boolean | undefined
  /** Let the system probe idle connections. Default true. */
  readonly keepAlive?: boolean | undefined
  /** Idle time before the first probe. Default `limits.keepAliveMs`. */
  readonly keepAliveInitialDelayMs?: number | undefined
  /** Connections the system holds until they are accepted; it may allow fewer. Default 511. */
  readonly backlog?: number | undefined
  /** Of one listener. Default `limits.connections`. Never over 0.8 of the process's file descriptors, where known. */
  readonly maxConnections?: number | undefined
  /** Of one listener from one peer address. Default `limits.connectionsPerPeer`. */
  readonly maxConnectionsPerPeer?: number | undefined
  /** Default `limits.connectMs`. */
  readonly connectTimeoutMs?: number | undefined
  /** For addresses with the scheme wss. */
  readonly tls?:
    | { readonly server?: TlsServerOptions | undefined; readonly client?: TlsClientOptions | undefined }
    | undefined
  /** Counts connections that were not taken. */
  readonly count?: ((event: WsEvent) => void) | undefined
  /** Told of them, too, at most `limits.logRate` times a second for each event. */
  readonly log?: Log | undefined
}

const defaultBacklog = 511

/** The transport for `ws://` and `wss://` addresses. */
export function ws(options: WsOptions = {}): Transport {
  const limits = options.limits ?? defaultLimits
  const compression = options.compression ?? false
  const shared = {
    limits,
    clock: options.clock ?? systemClock(),
    compression,
    noDelay: options.noDelay ?? true,
    keepAlive: options.keepAlive ?? true,
    keepAliveInitialDelay: options.keepAliveInitialDelayMs ?? limits.keepAliveMs,
    subprotocols: options.subprotocols ?? defaultSubprotocols,
    receiving: receiving(limits, compression),
  }
  const dialOptions: DialOptions = {
    ...shared,
    connectTimeoutMs: options.connectTimeoutMs ?? limits.connectMs,
    headers: options.headers ?? {},
    tls: options.tls?.client ?? {},
  }
  const origins = originsOf(options.origins ?? [])
  const server = options.server && new SharedServer(options.server)
  return {
    name: 'ws',
    schemes: ['ws', 'wss'],
    features: { boundaries: 'message', listens: true, crossesProcess: true, encrypts: true },
    async dial(address, cancel = {}) {
      return dial(parseAddress(address, 1), dialOptions, cancel)
    },
    async listen(address, accept, cancel = {}) {
      const target = parseAddress(address, 0)
      cancel.signal?.throwIfAborted()
      const caps = capsFor(
        options.maxConnections ?? limits.connections,
        options.maxConnectionsPerPeer ?? limits.connectionsPerPeer,
        limits.unauthenticatedShare,
      )
      const listenOptions = { ...shared, origins, caps, count: options.count, log: options.log }
      const portOptions = { ...shared, backlog: options.backlog ?? defaultBacklog, tls: options.tls?.server }
      return new WsListener(target, listenOptions, accept, (owner) =>
        server ? server.front(target, owner) : new OwnPort(target, portOptions, owner),
      ).open(cancel)
    },
  }
}
