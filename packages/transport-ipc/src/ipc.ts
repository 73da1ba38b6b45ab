import {
  type Clock,
  defaultLimits,
  type Limits,
  type Log,
  systemClock,
  type Transport,
} from '@hawser/contract'
import { capsFor } from '@hawser/transport-socket'
import { parseAddress } from './address.js'
import { type DialOptions, dial } from './dial.js'
import type { IpcEvent } from './event.js'
import { IpcListener, type ListenOptions } from './listener.js'

/** How {@link ipc} can be told to be. Sizes are bytes, times milliseconds. */
export interface IpcOptions {
  readonly limits?: Limits | undefined
  readonly clock?: Clock | undefined
  /** Permissions of the socket file: who may write to it may connect. Default 0o600; 0o660 lets its group in. */
  readonly mode?: number | undefined
  /** Make the directory of the socket file where it is missing, with the permissions 0o700. Default false. */
  readonly makeDirectory?: boolean | undefined
  /** Connections the system holds until they are accepted; it may allow fewer. Default 4096. */
  readonly backlog?: number | undefined
  /** Of one listener. Default `limits.connections`. Never over 0.8 of the process's file descriptors, where known. */
  readonly maxConnections?: number | undefined
  /** Default `limits.connectMs`. */
  readonly connectTimeoutMs?: number | undefined
  /** Counts connections that were not taken. */
  readonly count?: ((event: IpcEvent) => void) | undefined
  /** Told of them, too, at most `limits.logRate` times a second for each event. */
  readonly log?: Log | undefined
}

const ownerOnly = 0o600
const readAndWrite = 0o666
const defaultBacklog = 4096

/** The transport for `ipc://` addresses: Unix domain sockets, and named pipes on Windows. */
export function ipc(options: IpcOptions = {}): Transport {
  const limits = options.limits ?? defaultLimits
  const mode = options.mode ?? ownerOnly
  if (!Number.isInteger(mode) || (mode & ~readAndWrite) !== 0 || (mode & ownerOnly) !== ownerOnly)
    throw new TypeError('The mode of a socket file is from 0o600 to 0o666, without execute permissions')
  const shared = { limits, clock: options.clock ?? systemClock() }
  const dialOptions: DialOptions = {
    ...shared,
    connectTimeoutMs: options.connectTimeoutMs ?? limits.connectMs,
  }
  const listenOptions = (): ListenOptions => ({
    ...shared,
    mode,
    makeDirectory: options.makeDirectory ?? false,
    backlog: options.backlog ?? defaultBacklog,
    // Those who come over a socket file have no address to count them by.
    caps: capsFor(
      options.maxConnections ?? limits.connections,
      Number.POSITIVE_INFINITY,
      limits.unauthenticatedShare,
    ),
    count: options.count,
    log: options.log,
  })
  return {
    name: 'ipc',
    schemes: ['ipc'],
    features: { boundaries: 'stream', listens: true, crossesProcess: true, encrypts: false },
    async dial(address, cancel = {}) {
      return dial(parseAddress(address), dialOptions, cancel)
    },
    async listen(address, accept, cancel = {}) {
      return new IpcListener(parseAddress(address), listenOptions(), accept).open(cancel)
    },
    adopt(address, accept) {
      return new IpcListener(parseAddress(address), listenOptions(), accept)
    },
  }
}
