import {
  type Clock,
  defaultLimits,
  type Limits,
  type Log,
  systemClock,
  type Transport,
} from '@hawser/contract'
import { capsFor, type TlsClientOptions, type TlsServerOptions } from '@hawser/transport-socket'
import { formatAddress, parseAddress, type TcpAddress } from './address.js'
import { type DialOptions, dial } from './dial.js'
import type { TcpEvent } from './event.js'
import { type ListenOptions, TcpListener } from './listener.js'

/** How {@link tcp} can be told to be. Sizes are bytes, times milliseconds. */
export interface TcpOptions {
  readonly limits?: Limits | undefined
  readonly clock?: Clock | undefined
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
  /** For addresses with the scheme tls. */
  readonly tls?:
    | { readonly server?: TlsServerOptions | undefined; readonly client?: TlsClientOptions | undefined }
    | undefined
  /** Counts connections that were not taken. */
  readonly count?: ((event: TcpEvent) => void) | undefined
  /** Told of them, too, at most `limits.logRate` times a second for each event. */
  readonly log?: Log | undefined
}

const defaultBacklog = 511

/** The transport for `tcp://` and `tls://` addresses, and for listening to both at one, `tcp+tls://`. */
export function tcp(options: TcpOptions = {}): Transport {
  const limits = options.limits ?? defaultLimits
  const shared = {
    limits,
    clock: options.clock ?? systemClock(),
    noDelay: options.noDelay ?? true,
    keepAlive: options.keepAlive ?? true,
    keepAliveInitialDelay: options.keepAliveInitialDelayMs ?? limits.keepAliveMs,
  }
  const dialOptions: DialOptions = {
    ...shared,
    connectTimeoutMs: options.connectTimeoutMs ?? limits.connectMs,
    tls: options.tls?.client ?? {},
  }
  const listenOptions = (): ListenOptions => ({
    ...shared,
    caps: capsFor(
      options.maxConnections ?? limits.connections,
      options.maxConnectionsPerPeer ?? limits.connectionsPerPeer,
      limits.unauthenticatedShare,
    ),
    backlog: options.backlog ?? defaultBacklog,
    tls: options.tls?.server,
    count: options.count,
    log: options.log,
  })
  return {
    name: 'tcp',
    schemes: ['tcp', 'tls', 'tcp+tls'],
    features: { boundaries: 'stream', listens: true, crossesProcess: true, encrypts: true },
    async dial(address, cancel = {}) {
      const target = parseAddress(address, 1)
      if (target.scheme === 'tcp+tls') throw either(target)
      return dial(target, dialOptions, cancel)
    },
    async listen(address, accept, cancel = {}) {
      const target = parseAddress(address, 0)
      cancel.signal?.throwIfAborted()
      return new TcpListener(target, listenOptions(), accept).open(cancel)
    },
    adopt(address, accept) {
      return new TcpListener(parseAddress(address, 0), listenOptions(), accept)
    },
  }
}

function either(target: TcpAddress): TypeError {
  const plain = formatAddress({ ...target, scheme: 'tcp' })
  const encrypted = formatAddress({ ...target, scheme: 'tls' })
  return new TypeError(`${formatAddress(target)} is for listening: dial ${encrypted}, or ${plain}`)
}
